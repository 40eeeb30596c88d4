// Tokens too long for a command line: they are files, and HEDDLE_REPLAY takes the name instead.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace heddle::check {

// Characters of a token beyond which it becomes a file.
inline constexpr std::size_t token_length_max = 4096;

// Writes the token into `directory`, which is made if need be; empty: that of temporary files. Its path, which contains
// a '/', or nothing if it could not be written. The same token has the same name.
std::optional<std::string> store_token(std::string_view token, const std::string& directory);

// Whether the text names a file: no token contains a '/'.
inline bool is_token_file(std::string_view text) noexcept {
  return text.find('/') != std::string_view::npos;
}

// The token in the file, or nothing.
std::optional<std::string> read_token(const std::string& path);

}  // namespace heddle::check
