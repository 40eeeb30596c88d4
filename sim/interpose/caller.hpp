// Where an intercepted call comes from.
#pragma once

#include <cstdint>

// What the linker calls the begin and the end of the executable's code.
extern "C" const char __executable_start;  // NOLINT(readability-identifier-naming)
extern "C" const char etext;

namespace heddle::sim {

// Whether a call stands in the executable itself. Only such a call says something about the life of what it
// is for: a library that was not compiled for checking may order it by means that are not seen.
inline bool is_called_by_executable(std::uintptr_t caller) noexcept {
  return caller - reinterpret_cast<std::uintptr_t>(&__executable_start) <
         reinterpret_cast<std::uintptr_t>(&etext) - reinterpret_cast<std::uintptr_t>(&__executable_start);
}

}  // namespace heddle::sim
