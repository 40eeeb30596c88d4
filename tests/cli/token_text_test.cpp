#include "cli/token_text.hpp"

#include "cli/errors.hpp"
#include "explore/token.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace heddle::cli {
namespace {

using testing::HasSubstr;

const std::string fields = "h1-pct:3-sync-5d0e2f3a-9c41b7aa-ff-57";
const std::string whole = fields + "-" + check::check_of_token(fields);

std::string error_of(const std::string& text) {
  try {
    read_token(text);
  } catch (const usage_error& wrong) {
    return wrong.what();
  }
  return "";
}

TEST(TokenText, SaysWhatTheTokenSays) {
  const token_text token = read_token(whole);
  EXPECT_EQ(token.strategy, "pct:3");
  EXPECT_EQ(token.test, 0x5d0e2f3aU);
  EXPECT_EQ(token.build, 0x9c41b7aaU);
  EXPECT_EQ(token.seed, "255");
  EXPECT_EQ(token.schedule, "57");
  EXPECT_FALSE(token.has_record);
  EXPECT_EQ(read_token("HEDDLE_REPLAY=" + whole).text, whole);
}

TEST(TokenText, TheInputOfAPropertyIsOneFieldMore) {
  const std::string text = "h1-pct:3-sync-5d0e2f3a-9c41b7aa-ff-iaeaam27-57";
  const token_text token = read_token(text + "-" + check::check_of_token(text));
  EXPECT_EQ(token.seed, "255");
  EXPECT_EQ(token.schedule, "57");
  EXPECT_FALSE(token.has_record);
}

TEST(TokenText, StrategyOfALaterHeddleIsLeftToTheBinary) {
  const std::string later = "h1-quantum-sync-5d0e2f3a-9c41b7aa-ff-57";
  EXPECT_EQ(read_token(later + "-" + check::check_of_token(later)).strategy, "quantum");
}

TEST(TokenText, InAFileIsReadAndPassedOnAsTheFile) {
  const std::string path =
      (std::filesystem::path(testing::TempDir()) / ("t" + std::to_string(getpid()) + ".token")).string();
  std::ofstream(path) << whole << '\n';
  EXPECT_EQ(read_token(path).schedule, "57");
  EXPECT_EQ(read_token(path).text, path);
  std::filesystem::remove(path);
  EXPECT_THAT(error_of(path), HasSubstr("cannot be read"));
}

TEST(TokenText, DamagedOnesAreAClearError) {
  EXPECT_THAT(error_of(whole.substr(0, whole.size() - 1)), HasSubstr("part of it was lost or changed"));
  EXPECT_THAT(error_of("yesterday"), HasSubstr("is not a replay token"));
  EXPECT_THAT(error_of("h1-random"), HasSubstr("it has 2 fields instead of 8 or 9"));
}

}  // namespace
}  // namespace heddle::cli
