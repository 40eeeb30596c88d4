#include "send_audit/debug_info.hpp"

#include <memory>
#include <stdexcept>

#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <unistd.h>

namespace heddle::send_audit {

namespace {

// Qualifiers and typedefs behind each other; more is no program's.
constexpr int wrappers_max = 100;

bool is_wrapper(int tag) {
  return tag == DW_TAG_const_type || tag == DW_TAG_volatile_type || tag == DW_TAG_typedef || tag == DW_TAG_array_type ||
         tag == DW_TAG_template_alias;
}

// clang writes `box<rc<int> >`, g++ too; a name that is taken out of another must not end with the space.
std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

std::string name_of_entry(Dwarf_Die& entry) {
  const char* name = dwarf_diename(&entry);
  return name == nullptr ? std::string() : std::string(name);
}

// By hand: to dwarf_decl_file, number 0 is no file, and to DWARF 5 it is the source of the unit.
place place_of(Dwarf_Die& entry) {
  place result;
  int line = 0;
  if (dwarf_decl_line(&entry, &line) != 0) return result;
  result.line = static_cast<unsigned>(line);
  Dwarf_Attribute attribute;
  Dwarf_Word number = 0;
  Dwarf_Die unit;
  Dwarf_Files* files = nullptr;
  std::size_t count = 0;
  if (dwarf_formudata(dwarf_attr_integrate(&entry, DW_AT_decl_file, &attribute), &number) != 0) return result;
  if (dwarf_diecu(&entry, &unit, nullptr, nullptr) == nullptr) return result;
  if (dwarf_getsrcfiles(&unit, &files, &count) != 0 || number >= count) return result;
  if (const char* file = dwarf_filesrc(files, number, nullptr, nullptr)) result.file = file;
  return result;
}

std::optional<Dwarf_Die> type_of(Dwarf_Die& entry) {
  Dwarf_Attribute attribute;
  Dwarf_Die type;
  if (dwarf_attr_integrate(&entry, DW_AT_type, &attribute) == nullptr) return std::nullopt;
  if (dwarf_formref_die(&attribute, &type) == nullptr) return std::nullopt;
  return type;
}

std::optional<Dwarf_Die> bare_type_of(Dwarf_Die& entry) {
  std::optional<Dwarf_Die> type = type_of(entry);
  for (int i = 0; i < wrappers_max && type.has_value() && is_wrapper(dwarf_tag(&*type)); ++i) type = type_of(*type);
  return type;
}

std::vector<Dwarf_Die> children_of(Dwarf_Die& entry) {
  std::vector<Dwarf_Die> result;
  Dwarf_Die child;
  if (dwarf_child(&entry, &child) != 0) return result;
  do {
    result.push_back(child);
  } while (dwarf_siblingof(&child, &child) == 0);
  return result;
}

bool is_class(Dwarf_Die& type) {
  const int tag = dwarf_tag(&type);
  return tag == DW_TAG_class_type || tag == DW_TAG_structure_type || tag == DW_TAG_union_type;
}

// Of the entry itself: a definition refers to a declaration, which is one.
bool is_declaration(Dwarf_Die& entry) {
  return dwarf_hasattr(&entry, DW_AT_declaration) != 0;
}

bool has_flag(Dwarf_Die& entry, unsigned attribute) {
  Dwarf_Attribute found;
  bool value = false;
  return dwarf_attr_integrate(&entry, attribute, &found) != nullptr && dwarf_formflag(&found, &value) == 0 && value;
}

module::module(Dwarf* debug) {
  Dwarf_CU* unit = nullptr;
  Dwarf_CU* next = nullptr;
  Dwarf_Die root;
  std::uint8_t unit_type = 0;
  while (dwarf_get_units(debug, unit, &next, nullptr, &unit_type, &root, nullptr) == 0) {
    if (unit_type != DW_UT_type) collect(root, "");
    unit = next;
  }
}

std::string module::name_of(Dwarf_Die& type) const {
  const auto found = names_.find(dwarf_dieoffset(&type));
  return found == names_.end() ? name_of_entry(type) : found->second;
}

std::optional<bool> module::declared_send(const std::string& name) const {
  const auto found = declared_.find(name);
  return found == declared_.end() ? std::nullopt : std::optional(found->second);
}

Dwarf_Die module::definition_of(Dwarf_Die type) const {
  if (!is_declaration(type)) return type;
  const auto found = definitions_.find(name_of(type));
  return found == definitions_.end() ? type : found->second;
}

void module::collect(Dwarf_Die scope, const std::string& prefix) {
  for (Dwarf_Die child : children_of(scope)) {
    switch (dwarf_tag(&child)) {
      case DW_TAG_namespace: {
        const std::string name = name_of_entry(child);
        if (has_flag(child, DW_AT_export_symbols)) {
          collect(child, prefix + (name.empty() ? "(anonymous namespace)::" : ""));
        } else {
          collect(child, prefix + (name.empty() ? "(anonymous namespace)" : name) + "::");
        }
        break;
      }
      case DW_TAG_class_type:
      case DW_TAG_structure_type:
      case DW_TAG_union_type:
        collect_type(child, prefix);
        break;
      case DW_TAG_subprogram:
        if (!is_declaration(child)) functions_.push_back(child);
        collect(child, prefix);
        break;
      case DW_TAG_lexical_block:
        collect(child, prefix);
        break;
      default:
        break;
    }
  }
}

void module::collect_type(Dwarf_Die type, const std::string& prefix) {
  const std::string name = prefix + name_of_entry(type);
  names_.emplace(dwarf_dieoffset(&type), name);
  if (!is_declaration(type)) definitions_.emplace(name, type);
  if (name.starts_with("heddle::declare_send<")) note_declaration(type, name);
  collect(type, name + "::");
}

void module::note_declaration(Dwarf_Die type, std::string_view name) {
  for (Dwarf_Die child : children_of(type)) {
    if (name_of_entry(child) != "for_debug_info") continue;
    std::optional<Dwarf_Die> says = bare_type_of(child);
    if (!says.has_value()) continue;
    const std::size_t begin = name.find('<') + 1;
    const std::string of(trimmed(name.substr(begin, name.rfind('>') - begin)));
    declared_.emplace(of, name_of_entry(*says) == "declared_mark<true>");
  }
}

void for_each_module(const std::string& path, const std::function<void(const module&)>& use) {
  static const Dwfl_Callbacks callbacks = {.find_elf = dwfl_build_id_find_elf,
                                           .find_debuginfo = dwfl_standard_find_debuginfo,
                                           .section_address = dwfl_offline_section_address,
                                           .debuginfo_path = nullptr};
  const std::unique_ptr<Dwfl, decltype(&dwfl_end)> session(dwfl_begin(&callbacks), &dwfl_end);
  if (!session || dwfl_report_offline(session.get(), path.c_str(), path.c_str(), -1) == nullptr) {
    throw std::runtime_error(path + ": " + dwfl_errmsg(-1));
  }
  dwfl_report_end(session.get(), nullptr, nullptr);

  struct visit {
    const std::function<void(const module&)>* use;
    bool has_debug_info = false;
  } state{&use};
  const auto each = [](Dwfl_Module* found, void**, const char*, Dwarf_Addr, void* argument) {
    auto& to = *static_cast<visit*>(argument);
    Dwarf_Addr bias = 0;
    if (Dwarf* debug = dwfl_module_getdwarf(found, &bias)) {
      to.has_debug_info = true;
      (*to.use)(module(debug));
    }
    return static_cast<int>(DWARF_CB_OK);
  };
  dwfl_getmodules(session.get(), each, &state, 0);
  if (!state.has_debug_info) {
    throw std::runtime_error(path + ": there is no debug information in it; compile with -g");
  }
}

}  // namespace heddle::send_audit
