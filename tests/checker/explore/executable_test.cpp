#include "explore/executable.hpp"

#include <gtest/gtest.h>

namespace heddle::check {
namespace {

TEST(ShellWord, IsQuotedOnlyWhereItMustBe) {
  EXPECT_EQ(shell_word("/usr/bin/a-b_c.d=1"), "/usr/bin/a-b_c.d=1");
  EXPECT_EQ(shell_word("two words"), "'two words'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word("$(rm)"), "'$(rm)'");
  EXPECT_EQ(shell_word(""), "''");
}

TEST(Executable, KnowsItsPathAndBuild) {
  EXPECT_TRUE(executable_path().starts_with('/'));
  EXPECT_EQ(build_hash(), build_hash());
}

}  // namespace
}  // namespace heddle::check
