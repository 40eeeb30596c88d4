// The ELF note that every executable with the checker has: see note.cpp.
#pragma once

#include <cstdint>
#include <string_view>

namespace heddle::check {

inline constexpr std::string_view note_owner = "heddle";
inline constexpr std::uint32_t note_type = 1;
// Raised when a `heddle` command of another version would misunderstand the binary.
inline constexpr std::uint32_t protocol_version = 1;

// Called by every exploration, so that the linker takes the note along.
void keep_note() noexcept;

}  // namespace heddle::check
