// `heddle replay`: a token leads to its test in the binary, and to the same end.
#include "command_test.hpp"
#include "explore/token.hpp"

#include <sys/stat.h>

namespace heddle::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string suite = HEDDLE_CLI_SUITE;

class replay_command : public command_test {
 protected:
  // The token that a failing test prints.
  std::string token_of(const std::string& binary_and_arguments) const {
    const std::string command = check::replay_of(heddle("test -- " + binary_and_arguments).output);
    EXPECT_THAT(command, testing::StartsWith("HEDDLE_REPLAY="));
    return command.substr(14, command.find(' ') - 14);
  }
};

// The same token with another build in it.
std::string of_another_build(const std::string& token) {
  std::string fields = token.substr(0, token.rfind('-'));
  std::size_t at = 0;
  for (int i = 0; i < 4; ++i) at = fields.find('-', at) + 1;
  fields.replace(at, 8, "00c0ffee");
  return fields + "-" + check::check_of_token(fields);
}

TEST_F(replay_command, FindsTheTestOfTheTokenAndEndsWith1) {
  const std::string token = token_of(suite + " --gtest_filter=Bad.Deadlock");
  const outcome result = heddle("replay " + token + " -- " + suite);
  EXPECT_EQ(result.exit_status, 1) << result.output;
  EXPECT_THAT(result.output, HasSubstr("deadlock in Bad.Deadlock"));
  EXPECT_THAT(result.output, HasSubstr(", replayed, strategy portfolio"));
  EXPECT_THAT(result.output, Not(HasSubstr("another build")));
}

TEST_F(replay_command, ScheduleThatPassesEndsWith0) {
  const std::string token = token_of(suite + " --gtest_filter=Crash.InASchedule");
  // The schedule before it, which passed.
  std::string fields = token.substr(0, token.rfind('-'));
  const int failing = std::stoi(fields.substr(fields.rfind('-') + 1));
  ASSERT_GT(failing, 0);
  fields = fields.substr(0, fields.rfind('-') + 1) + std::to_string(failing - 1);
  const outcome result = heddle("replay " + fields + "-" + check::check_of_token(fields) + " -- " + suite);
  EXPECT_EQ(result.exit_status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("the replayed schedule passes"));
}

TEST_F(replay_command, ChangedBinaryIsNoticedAndNamed) {
  const std::string token = of_another_build(token_of(suite + " --gtest_filter=Bad.Deadlock"));
  const outcome result = heddle("replay " + token + " -- " + suite);
  EXPECT_THAT(result.output, HasSubstr("the token was made by another build (00c0ffee) than " + suite + " is now ("));
  EXPECT_EQ(result.exit_status, 1);
}

TEST_F(replay_command, FullTokenOfAChangedBinarySaysWhereItDiverged) {
  const outcome first = heddle("test -- " + suite + " --gtest_filter=Bad.Deadlock", "HEDDLE_TOKEN=full");
  const std::string command = check::replay_of(first.output);
  const std::string token = command.substr(14, command.find(' ') - 14);
  // The decisions of a deadlock, in a test that needs others.
  std::string fields = of_another_build(token);
  fields = fields.substr(0, fields.rfind('-'));
  std::size_t at = 0;
  for (int i = 0; i < 3; ++i) at = fields.find('-', at) + 1;
  char hash[9];
  std::snprintf(hash, sizeof hash, "%08x", check::hash_of("Good.Counter"));
  fields.replace(at, 8, hash);
  const outcome result = heddle("replay " + fields + "-" + check::check_of_token(fields) + " -- " + suite);
  EXPECT_THAT(result.output, HasSubstr("the recorded schedule does not fit this build: "));
}

TEST_F(replay_command, TokenThatBelongsToNoTestOfTheBinaryEndsWith2) {
  const std::string token = token_of(std::string(HEDDLE_CLI_EXPLORER));
  const outcome result = heddle("replay " + token + " -- " + suite);
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_THAT(result.output, HasSubstr("the token belongs to no test of " + suite));
  EXPECT_THAT(result.output, HasSubstr("was made by another build"));
}

TEST_F(replay_command, BadTokensEndWith2) {
  const outcome damaged = heddle("replay h1-random-sync-5d0e2f3a-9c41b7aa-1-57-0000 -- " + suite);
  EXPECT_EQ(damaged.exit_status, 2);
  EXPECT_THAT(damaged.output, HasSubstr("part of it was lost or changed"));
  EXPECT_EQ(heddle("replay nonsense -- " + suite).exit_status, 2);
  EXPECT_EQ(heddle("replay -- " + suite).exit_status, 2);
}

TEST_F(replay_command, ProgramsAreReplayedWithTheirArguments) {
  const std::string program = HEDDLE_CLI_PROGRAM;
  const std::string token = token_of(program + " careless");
  EXPECT_EQ(heddle("replay " + token + " -- " + program + " careless").exit_status, 1);
  const outcome other = heddle("replay " + token + " -- " + program + " careful");
  EXPECT_EQ(other.exit_status, 2);
  EXPECT_THAT(other.output, HasSubstr("with these arguments: give those of the replay line"));
}

TEST_F(replay_command, HangIsBoundedHereToo) {
  const outcome first = heddle("test --hang 1s -- " + suite + " --gtest_filter=Hang.*");
  const std::string command = check::replay_of(first.output);
  const outcome result = heddle("replay --hang 1s " + command.substr(14, command.find(' ') - 14) + " -- " + suite);
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.output, HasSubstr("Hang.InTheKernel: its process was killed"));
}

TEST_F(replay_command, InTheDebuggerStopsWhereItFails) {
  if (check::run("gdb --version").exit_status != 0) GTEST_SKIP() << "there is no gdb";
  const std::string token = token_of(suite + " --gtest_filter=Bad.LostUpdate");
  const outcome result = check::run("printf 'run\\nbacktrace\\nkill\\nquit\\n' | " + std::string(HEDDLE_COMMAND) +
                                    " replay --gdb " + token + " -- " + suite);
  EXPECT_THAT(result.output, testing::ContainsRegex("Breakpoint 1[.0-9]*, "));
  EXPECT_THAT(result.output, testing::ContainsRegex("suite.cpp:[0-9]+"));
}

}  // namespace
}  // namespace heddle::cli
