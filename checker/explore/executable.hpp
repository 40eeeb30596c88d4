// The executable that runs: its path and its build, for tokens and replay commands.
#pragma once

#include <cstdint>
#include <string>

namespace heddle::check {

// The first four bytes of its GNU build id; 0 if it was linked without one.
std::uint32_t build_hash() noexcept;

// Its absolute path.
std::string executable_path();

// The text as one word of a POSIX shell: as it is, or in single quotes.
std::string shell_word(const std::string& text);

}  // namespace heddle::check
