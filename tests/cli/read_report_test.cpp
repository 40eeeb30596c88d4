#include "cli/read_report.hpp"

#include "report/full_report.hpp"
#include "report/json.hpp"
#include "report/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace heddle::check {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string error_of(const std::string& text) {
  const auto result = read_report(text);
  return std::holds_alternative<std::string>(result) ? std::get<std::string>(result) : "";
}

TEST(ReadReport, GivesTheSameJsonAgainButForTheHistory) {
  json written = json::parse(to_json(full_report()));
  const auto read = read_report(written.dump());
  ASSERT_TRUE(std::holds_alternative<report>(read));
  json again = json::parse(to_json(std::get<report>(read)));
  for (json* one : {&written, &again}) {
    one->erase("history");
    one->erase("suppressed");
  }
  EXPECT_EQ(again, written);
}

TEST(ReadReport, GivesTheSameText) {
  const report original = full_report();
  const auto read = read_report(to_json(original));
  EXPECT_EQ(std::get<report>(read).text(), original.text());
}

TEST(ReadReport, SaysWhatIsWrong) {
  EXPECT_EQ(error_of("{"), "it is no JSON");
  EXPECT_EQ(error_of("[]"), "it is no report of heddle");
  EXPECT_EQ(error_of(R"({"format":"junit"})"), "it is no report of heddle");
  EXPECT_EQ(error_of(R"({"format":"heddle-report","version":2})"),
            "it is a report of version 2; this heddle reads version 1");
  EXPECT_THAT(error_of(R"({"format":"heddle-report","version":1,"test":7})"), HasSubstr("it is damaged"));
}

}  // namespace
}  // namespace heddle::check
