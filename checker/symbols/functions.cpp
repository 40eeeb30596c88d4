#include "symbols/functions.hpp"

#include <algorithm>

#include <dwarf.h>

namespace heddle::check {

namespace {

constexpr unsigned depth_max = 64;  // of namespaces and classes, and of inlined calls

bool holds_functions(int tag) {
  return tag == DW_TAG_namespace || tag == DW_TAG_class_type || tag == DW_TAG_structure_type || tag == DW_TAG_module;
}

bool holds_code(int tag) {
  return tag == DW_TAG_lexical_block || tag == DW_TAG_inlined_subroutine || tag == DW_TAG_try_block ||
         tag == DW_TAG_catch_block;
}

template <typename Visit>
void for_each_child(Dwarf_Die parent, Visit&& visit) {
  Dwarf_Die child;
  if (dwarf_child(&parent, &child) != 0) return;
  do {
    if (!visit(child)) return;
  } while (dwarf_siblingof(&child, &child) == 0);
}

}  // namespace

unit_functions::unit_functions(Dwarf_Die unit) {
  add_children(unit, 0);
  std::sort(ranges_.begin(), ranges_.end(), [](const range& a, const range& b) { return a.begin < b.begin; });
}

void unit_functions::add_children(Dwarf_Die parent, unsigned depth) {
  if (depth == depth_max) return;
  for_each_child(parent, [&](Dwarf_Die child) {
    const int tag = dwarf_tag(&child);
    if (tag == DW_TAG_subprogram) add_function(child);
    if (holds_functions(tag)) add_children(child, depth + 1);
    return true;
  });
}

void unit_functions::add_function(Dwarf_Die function) {
  Dwarf_Addr base = 0;
  range one;
  one.function = function;
  for (std::ptrdiff_t offset = 0; (offset = dwarf_ranges(&function, offset, &base, &one.begin, &one.end)) > 0;) {
    if (one.begin != 0) ranges_.push_back(one);  // 0: the linker dropped it
  }
}

std::vector<Dwarf_Die> unit_functions::scopes_at(Dwarf_Addr address) const {
  const auto behind = std::upper_bound(ranges_.begin(), ranges_.end(), address,
                                       [](Dwarf_Addr value, const range& one) { return value < one.begin; });
  if (behind == ranges_.begin() || address >= std::prev(behind)->end) return {};
  std::vector<Dwarf_Die> scopes{std::prev(behind)->function};
  Dwarf_Die current = scopes.back();
  for (bool deeper = true; deeper && scopes.size() < depth_max;) {
    deeper = false;
    for_each_child(current, [&](Dwarf_Die child) {
      if (!holds_code(dwarf_tag(&child)) || dwarf_haspc(&child, address) != 1) return true;
      if (dwarf_tag(&child) == DW_TAG_inlined_subroutine) scopes.push_back(child);
      current = child;
      deeper = true;
      return false;
    });
  }
  std::reverse(scopes.begin(), scopes.end());
  return scopes;
}

}  // namespace heddle::check
