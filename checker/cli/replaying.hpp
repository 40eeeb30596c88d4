// Following a token: which test of which binary it leads to, and what came of it.
#pragma once

#include "cli/observed.hpp"
#include "cli/process.hpp"
#include "cli/suite.hpp"
#include "cli/token_text.hpp"

#include <string>
#include <vector>

namespace heddle::cli {

struct replay_target {
  token_text token;
  suite tests;
  std::string test;
  std::string notice;  // a sentence, if the token is of another build

  command_line command() const;
};

// Throws usage_error if the token leads nowhere in this binary.
replay_target find_replay(const std::string& token, const std::vector<std::string>& binary_and_arguments);

struct replay_outcome {
  std::vector<test_result> tests;
  std::string end;  // of the process, a clause
  std::string output;
};

replay_outcome follow(const replay_target& target, const process_bounds& bounds, output_use output);

}  // namespace heddle::cli
