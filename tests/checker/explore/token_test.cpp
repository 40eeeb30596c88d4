#include "explore/token.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heddle::check {
namespace {

using testing::HasSubstr;

replay_token example() {
  replay_token token;
  token.granularity = granularity::memory;
  token.test = 0x5d0e2f3a;
  token.build = 0x0041b7aa;
  token.seed = 0xfedcba9876543210;
  token.index = 57;
  return token;
}

std::string error_of(const std::string& text) {
  const auto parsed = parse_token(text);
  return std::holds_alternative<std::string>(parsed) ? std::get<std::string>(parsed) : "";
}

// Replaces the check field by the right one.
std::string with_check(const std::string& before) {
  const std::string text = before + "-";
  for (unsigned check = 0; check <= 0xffff; ++check) {
    char digits[8];
    std::snprintf(digits, sizeof digits, "%04x", check);
    if (error_of(text + digits).find("its last field") == std::string::npos) return text + digits;
  }
  return text;
}

TEST(Token, IsReadBackAsItWasWritten) {
  EXPECT_EQ(std::get<replay_token>(parse_token(to_string(example()))), example());
}

TEST(Token, NamesItsPartsInOrder) {
  EXPECT_THAT(to_string(example()), testing::StartsWith("h1-random-memory-5d0e2f3a-0041b7aa-fedcba9876543210-57-"));
}

TEST(Token, HoldsTheInputOfAProperty) {
  replay_token token = example();
  token.input = "iaeaamd27";
  EXPECT_THAT(to_string(token), HasSubstr("-fedcba9876543210-iiaeaamd27-57-"));
  EXPECT_EQ(std::get<replay_token>(parse_token(to_string(token))), token);
  token.record.emplace();
  token.record->add_thread(3);
  EXPECT_EQ(std::get<replay_token>(parse_token(to_string(token))), token);
  EXPECT_THAT(error_of(with_check("h1-random-memory-5d0e2f3a-0041b7aa-1-iA1-57")), HasSubstr("its input is damaged"));
}

TEST(Token, OfASeedStaysUnderTwoHundredCharacters) {
  replay_token token = example();
  token.index = ~std::uint64_t{0};
  EXPECT_LT(to_string(token).size(), 100U);
}

TEST(Token, HoldsARecordOfDecisions) {
  replay_token token = example();
  token.record.emplace();
  token.record->add_stay();
  token.record->add_thread(3);
  token.record->add_choice(sim::choice_kind::test, 1000);
  token.outcome = outcome_of(0x123456789abcdefU);
  EXPECT_EQ(std::get<replay_token>(parse_token(to_string(token))), token);
}

TEST(Token, HoldsAnEmptyRecord) {
  replay_token token = example();
  token.record.emplace();
  EXPECT_EQ(std::get<replay_token>(parse_token(to_string(token))), token);
}

TEST(Token, ThatLostItsEndIsRefused) {
  const std::string whole = to_string(example());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_NE(error_of(whole.substr(0, length)), "") << whole.substr(0, length);
  }
}

TEST(Token, WithAnyLetterChangedIsRefused) {
  const std::string whole = to_string(example());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = changed[i] == '7' ? '6' : '7';
    EXPECT_NE(error_of(changed), "") << changed;
  }
}

TEST(Token, OfAnotherVersionIsToldApartFromNonsense) {
  EXPECT_THAT(error_of("h2-random-sync-0-0-1-1-0000"),
              HasSubstr("has format version 2; this heddle reads version 1 only"));
  EXPECT_THAT(error_of("nonsense"), HasSubstr("is not a replay token: it does not begin with `h`"));
  EXPECT_THAT(error_of(""), HasSubstr("is not a replay token"));
  EXPECT_THAT(error_of("h1-random"), HasSubstr("it has 2 fields instead of 8 or 9"));
}

TEST(Token, NamesTheFieldThatIsWrong) {
  EXPECT_THAT(error_of(with_check("h1-nosuch-sync-1-1-1-1")),
              HasSubstr("there is no strategy `nosuch`; allowed: portfolio, random"));
  EXPECT_THAT(error_of(with_check("h1-random-fine-1-1-1-1")), HasSubstr("allowed: task, sync, memory, runtime"));
  EXPECT_THAT(error_of(with_check("h1-random-sync-x-1-1-1")), HasSubstr("`x` is not the hash of a test"));
  EXPECT_THAT(error_of(with_check("h1-random-sync-1-x-1-1")), HasSubstr("`x` is not a build id"));
  EXPECT_THAT(error_of(with_check("h1-random-sync-1-1-x-1")), HasSubstr("`x` is not a seed"));
  EXPECT_THAT(error_of(with_check("h1-random-sync-1-1-1-x")), HasSubstr("`x` is not the number of a schedule"));
  EXPECT_THAT(error_of(with_check("h1-random-sync-1-1-1-1-zaaa")), HasSubstr("does not begin with `r`"));
  EXPECT_THAT(error_of(with_check("h1-random-sync-1-1-1-1-r1")), HasSubstr("its record of decisions is damaged"));
  EXPECT_THAT(error_of(with_check("h1-random-sync-1-1-1-1-raa")), HasSubstr("its record of decisions is damaged"));
  EXPECT_THAT(error_of(with_check("h1-random-sync-1-1-1-1-raaaa1")), HasSubstr("its record of decisions is damaged"));
}

TEST(Granularity, NamesAreReadBack) {
  for (const granularity level : {granularity::task, granularity::sync, granularity::memory, granularity::runtime}) {
    EXPECT_EQ(parse_granularity(to_string(level)), level);
  }
  EXPECT_EQ(parse_granularity("coarse"), std::nullopt);
}

}  // namespace
}  // namespace heddle::check
