// The place in the source at which a coroutine stands, for dumps: one pointer to what the compiler made of it.
//
// Limits. clang 14 has no std::source_location: there it is empty, and nothing is known.
#pragma once

#include "heddle/hooks.hpp"

#include <source_location>

namespace heddle::detail {

#if defined(__cpp_lib_source_location)

using code_place = std::source_location;

inline hooks::source_place to_source_place(const code_place& place) noexcept {
  if (place.line() == 0) return {};
  return {place.file_name(), place.function_name(), static_cast<unsigned>(place.line())};
}

#else

struct code_place {
  static constexpr code_place current() noexcept { return {}; }
};

inline hooks::source_place to_source_place(const code_place&) noexcept {
  return {};
}

#endif

}  // namespace heddle::detail
