#include "send_audit/rules.hpp"

#include "report/pattern.hpp"

#include <algorithm>

#include <dwarf.h>

namespace heddle::send_audit {

namespace {

bool matches_any(const std::vector<std::string>& patterns, std::string_view name) {
  return std::ranges::any_of(patterns,
                             [&](const std::string& pattern) { return check::matches_pattern(pattern, name); });
}

// clang names the made-up type of a temporary after the class in its intermediate language, where templates have no
// arguments: `class_std__unique_lock_3` is a std::unique_lock<...>.
bool matches_made_up(std::string_view pattern, std::string_view name) {
  std::string expected;
  for (const char letter : pattern.substr(0, pattern.find('<'))) expected += letter == ':' ? '_' : letter;
  name.remove_prefix(name.find('_') + 1);
  while (!name.empty() && (name.back() == '_' || (name.back() >= '0' && name.back() <= '9'))) name.remove_suffix(1);
  return name == expected;
}

}  // namespace

patterns default_patterns() {
  return {{"std::lock_guard<*>", "std::unique_lock<*>", "std::scoped_lock<*>", "std::shared_lock<*>",
           "boost::lock_guard<*>", "boost::unique_lock<*>", "boost::shared_lock<*>", "absl::MutexLock",
           "absl::ReaderMutexLock", "absl::WriterMutexLock", "QMutexLocker<*>", "heddle::thread_bound<*>",
           "heddle::check::allow_blocking", "heddle::local_task<*>"},
          {}};
}

std::optional<std::string> rules::why_not(const held_variable& variable) const {
  if (variable.is_made_up) {
    const auto names = [&](const std::string& pattern) { return matches_made_up(pattern, variable.name); };
    const auto found = std::ranges::find_if(by_.non_send, names);
    return found == by_.non_send.end() ? std::nullopt : std::optional(*found);
  }
  std::set<Dwarf_Off> seen;
  return find(variable.type, seen);
}

bool rules::is_bound(const std::string& name) const {
  if (const std::optional<bool> declared = from_.declared_send(name)) return !*declared;
  return matches_any(by_.non_send, name);
}

std::optional<std::string> rules::find(Dwarf_Die type, std::set<Dwarf_Off>& seen) const {
  if (!is_class(type) || !seen.insert(dwarf_dieoffset(&type)).second) return std::nullopt;
  std::string name = from_.name_of(type);
  if (is_bound(name)) return name;
  if (from_.declared_send(name).value_or(false) || matches_any(by_.send, name)) return std::nullopt;
  return find_inside(from_.definition_of(type), name, seen);
}

std::optional<std::string> rules::find_inside(Dwarf_Die type, const std::string& name,
                                              std::set<Dwarf_Off>& seen) const {
  std::vector<Dwarf_Die> parts = children_of(type);
  const auto is_argument = [](Dwarf_Die& part) { return dwarf_tag(&part) == DW_TAG_template_type_parameter; };
  // Of a standard template the arguments say it in fewer words than its insides.
  const bool is_standard = name.starts_with("std::");
  if (is_standard) std::ranges::partition(parts, is_argument);
  for (Dwarf_Die& part : parts) {
    const bool is_member = dwarf_tag(&part) == DW_TAG_member && !has_flag(part, DW_AT_external);
    if (!is_member && dwarf_tag(&part) != DW_TAG_inheritance && !(is_standard && is_argument(part))) continue;
    const std::optional<Dwarf_Die> held = bare_type_of(part);
    if (!held.has_value()) continue;
    if (const std::optional<std::string> found = find(*held, seen)) {
      std::string chain = name;
      chain.append(", which holds ").append(*found);
      if (is_member && !is_standard) chain.append(" in `").append(name_of_entry(part)).append("`");
      return chain;
    }
  }
  return std::nullopt;
}

}  // namespace heddle::send_audit
