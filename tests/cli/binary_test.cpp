#include "cli/binary.hpp"

#include "cli/errors.hpp"
#include "cli/suite.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heddle::cli {
namespace {

using testing::HasSubstr;

std::string error_of(const std::string& path) {
  try {
    inspect(path);
  } catch (const usage_error& wrong) {
    return wrong.what();
  }
  return "";
}

TEST(Binary, IsKnownByItsNoteAndItsBuildId) {
  EXPECT_NE(inspect(HEDDLE_CLI_SUITE).build, 0U);
  EXPECT_NE(inspect(HEDDLE_CLI_PROGRAM).build, inspect(HEDDLE_CLI_SUITE).build);
  EXPECT_EQ(inspect(HEDDLE_CLI_EXPLORER).name(), "cli_explorer");
}

TEST(Binary, ThatIsNotOursIsSaidWithWhatToDo) {
  EXPECT_THAT(error_of("/no/such/file"), HasSubstr("there is no file /no/such/file"));
  EXPECT_THAT(error_of("/"), HasSubstr("is a folder"));
  EXPECT_THAT(error_of("/etc/passwd"), HasSubstr("cannot be run"));
  EXPECT_THAT(error_of("ldd"), HasSubstr("is no ELF executable"));
  EXPECT_THAT(error_of(HEDDLE_CLI_STRANGER), HasSubstr("was not built with heddle's checker"));
}

TEST(Suite, BuildIsTheOneThatTheBinaryPutsIntoItsTokens) {
  const binary file = inspect(HEDDLE_CLI_SUITE);
  process asked({.words = {file.path}, .set = {{"HEDDLE_LIST", "1"}}, .unset = {}}, {}, output_use::kept);
  while (asked.look(process::clock::now())) wait_for_any({&asked}, std::chrono::seconds(1));
  const auto lines = asked.channel().take_lines();
  ASSERT_EQ(lines.size(), 1U);
  char build[9];
  std::snprintf(build, sizeof build, "%08x", file.build);
  EXPECT_THAT(lines[0], HasSubstr(std::string("\"build\":\"") + build + "\""));
}

TEST(Suite, KnowsTheKindOfEachBinary) {
  EXPECT_EQ(list_tests(inspect(HEDDLE_CLI_SUITE), {"--gtest_filter=Good.*"}).tests,
            (std::vector<std::string>{"Good.Counter", "Good.Choice"}));
  EXPECT_EQ(list_tests(inspect(HEDDLE_CLI_PROGRAM), {"careful"}).kind, binary_kind::program);
  EXPECT_EQ(list_tests(inspect(HEDDLE_CLI_EXPLORER), {}).kind, binary_kind::main);
}

}  // namespace
}  // namespace heddle::cli
