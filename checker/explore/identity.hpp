// What an exploration is called, and how its tokens know it again.
#pragma once

#include "explore/token.hpp"
#include "heddle/check/options.hpp"

#include <cstdint>
#include <string>

namespace heddle::check {

struct identity {
  std::string name;       // such as "Suite.Name"
  std::string filter;     // the argument that runs its test alone; may be empty
  std::string arguments;  // of a whole program, as words of a shell; may be empty
  unsigned ordinal = 1;   // of the explorations of that name in this test

  // What its tokens hold.
  std::uint32_t hash() const;
};

// The identity of the exploration that begins now. Counts it.
identity identify(const options& chosen);

// Why the token cannot be followed by `who`, with the way to run the test it belongs to.
std::string wrong_test(const replay_token& token, const identity& who);

// Whether the token belongs to another exploration of the same test.
bool of_same_test(const replay_token& token, const identity& who);

// The command that follows the token.
std::string replay_command(const std::string& token, const identity& who);

}  // namespace heddle::check
