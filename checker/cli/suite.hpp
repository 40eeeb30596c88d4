// The tests of a binary, and how to run some of them.
#pragma once

#include "cli/binary.hpp"
#include "cli/process.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::cli {

enum class binary_kind : std::uint8_t {
  gtest,    // a GoogleTest suite
  program,  // of heddle_check_program
  main,     // its own main() explores: it is run whole
};

struct suite {
  binary file;
  std::vector<std::string> arguments;  // that the user gave, in any case passed on
  binary_kind kind = binary_kind::main;
  std::vector<std::string> others{};  // that a filter or a shard leaves out
  std::vector<std::string> tests{};   // that run; of a `main`, its file name alone

  // The command that runs those of its tests, or all of a binary that is no GoogleTest suite.
  command_line command(const std::vector<std::string>& chosen) const;
  // The test that a token belongs to; empty if there is none. Of a `main` this cannot be known.
  std::string owner_of(std::uint32_t test_hash) const;
  // What a person types to run one of its tests.
  std::string filter_of(const std::string& test) const;
};

// Runs the binary to ask it. Throws usage_error if it does not answer.
suite list_tests(const binary& file, const std::vector<std::string>& arguments);

}  // namespace heddle::cli
