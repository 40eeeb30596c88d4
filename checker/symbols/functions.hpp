// The functions of a compilation unit by address, and what is inlined where in them.
//
// libdw's own dwarf_getscopes does not look into namespaces, where clang puts its definitions (elfutils 0.188). So the
// tree is walked here: once for all functions of a unit, then down a single function for each address.
#pragma once

#include <vector>

#include <elfutils/libdw.h>

namespace heddle::check {

class unit_functions {
 public:
  explicit unit_functions(Dwarf_Die unit);

  // The function that holds the address and the inlined calls around the address in it, innermost first. Empty if the
  // unit has no function there.
  std::vector<Dwarf_Die> scopes_at(Dwarf_Addr address) const;

 private:
  struct range {
    Dwarf_Addr begin = 0;
    Dwarf_Addr end = 0;
    Dwarf_Die function{};
  };

  void add_children(Dwarf_Die parent, unsigned depth);
  void add_function(Dwarf_Die function);

  std::vector<range> ranges_;  // by begin
};

}  // namespace heddle::check
