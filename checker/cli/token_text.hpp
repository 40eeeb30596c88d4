// What a replay token says by itself.
//
// How it works. Only the fields that every version of heddle has in the same place are read: whether the strategy is
// one it knows, the test binary decides.
#pragma once

#include <cstdint>
#include <string>

namespace heddle::cli {

struct token_text {
  std::string text;
  std::string version;  // such as "h1"
  std::string strategy;
  std::string granularity;
  std::uint32_t test = 0;
  std::uint32_t build = 0;
  std::string seed;  // decimal
  std::string schedule;
  bool has_record = false;
};

// Reads a token, or the file of one (a text with a '/'). Throws usage_error with what is wrong.
token_text read_token(const std::string& text);

// Whether the text looks as if a token was meant.
bool looks_like_token(const std::string& text);

}  // namespace heddle::cli
