// From return addresses to functions, files and lines, inlined calls included.
//
// How it works. elfutils' libdwfl maps the modules of this process and reads their DWARF when the first address of each
// is asked for. A return address stands behind its call, so the byte before it is looked up. Results are kept.
// Compilation units are found by address ranges; clang emits no index of them (.debug_aranges), so where it
// is missing all units of the module are asked in turn.
//
// Not thread-safe. REQUIRES: used outside of executions, as it allocates and reads files.
#pragma once

#include "heddle/check/finding.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace heddle::check {

class symbolizer {
 public:
  symbolizer();
  symbolizer(const symbolizer&) = delete;
  symbolizer& operator=(const symbolizer&) = delete;
  ~symbolizer();

  // The frames at a return address, innermost first: inlined functions, then the one they were inlined into.
  // At least one; what is unknown of it is empty.
  const std::vector<frame>& resolve(std::uintptr_t return_address);

  // All frames of a call stack, innermost first.
  std::vector<frame> resolve_all(const std::vector<std::uintptr_t>& return_addresses);

  // The variable with static storage at the address, such as `hits` or `hits + 4 bytes`; empty where none is known.
  std::string variable(std::uintptr_t address);

  // The innermost frame that is not internal; nothing where all are.
  place user_place(std::uintptr_t return_address);

 private:
  class modules;

  std::unique_ptr<modules> modules_;  // made when first needed
  std::unordered_map<std::uintptr_t, std::vector<frame>> known_;
};

// The first frame that is not internal, as a place: one with a line if there is one. Empty if all are internal.
place user_place(const std::vector<frame>& frames);

}  // namespace heddle::check
