// The debug information of one file: its functions, and its types by their qualified names.
//
// How it works. libdw reads an object file, an archive or an executable without loading it. One pass over all units
// gives each type its name with namespaces and template arguments, without inline namespaces, so that a type is called
// the same whichever compiler or unit described it; and remembers which types were declared with HEDDLE_DECLARE_SEND,
// which leaves a member named `for_debug_info` in its specialisation of declare_send.
//
// Thread safety. One thread at a time. A Dwarf_Die stays valid as long as its debug_info.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <elfutils/libdw.h>

struct Dwfl;

namespace heddle::send_audit {

struct place {
  std::string file;
  unsigned line = 0;
};

// One module: an object file, an executable, or a member of an archive.
class module {
 public:
  explicit module(Dwarf* debug);

  // Every function of every unit, declarations and inlined copies left out.
  const std::vector<Dwarf_Die>& functions() const noexcept { return functions_; }

  // The name of a type, with its namespaces; empty if it has none.
  std::string name_of(Dwarf_Die& type) const;
  // What was declared of the type of this name; nothing if it was not.
  std::optional<bool> declared_send(const std::string& name) const;
  // The definition of a class of which `type` may be only a declaration.
  Dwarf_Die definition_of(Dwarf_Die type) const;

 private:
  void collect(Dwarf_Die scope, const std::string& prefix);
  void collect_type(Dwarf_Die type, const std::string& prefix);
  void note_declaration(Dwarf_Die type, std::string_view name);

  std::vector<Dwarf_Die> functions_;
  std::map<Dwarf_Off, std::string> names_;
  std::map<std::string, Dwarf_Die> definitions_;
  std::map<std::string, bool> declared_;
};

// Calls `use` with each module of the file. Throws std::runtime_error if the file cannot be read, or has no debug
// information.
void for_each_module(const std::string& path, const std::function<void(const module&)>& use);

// Of any entry: its name, where it is declared, its type behind typedefs and qualifiers, and its children.
std::string name_of_entry(Dwarf_Die& entry);
place place_of(Dwarf_Die& entry);
std::optional<Dwarf_Die> type_of(Dwarf_Die& entry);
std::optional<Dwarf_Die> bare_type_of(Dwarf_Die& entry);
std::vector<Dwarf_Die> children_of(Dwarf_Die& entry);
bool is_class(Dwarf_Die& type);
bool is_declaration(Dwarf_Die& entry);
bool has_flag(Dwarf_Die& entry, unsigned attribute);

}  // namespace heddle::send_audit
