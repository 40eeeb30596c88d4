#include "report/html.hpp"

#include "report/full_report.hpp"
#include "report/json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace heddle::check {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string page_of(const report& what) {
  return to_html(what, to_json(what));
}

// What stands in the element with the data.
std::string data_of(const std::string& page) {
  constexpr std::string_view begin = "<script type=\"application/json\" id=\"report\">";
  const std::size_t at = page.find(begin) + begin.size();
  return page.substr(at, page.find("</script>", at) - at);
}

TEST(HtmlReport, HoldsTheJsonAsData) {
  EXPECT_EQ(nlohmann::json::parse(data_of(page_of(full_report()))), nlohmann::json::parse(to_json(full_report())));
}

TEST(HtmlReport, NoTextOfATestEndsTheDataOrIsTakenForMarkup) {
  report evil = full_report();
  evil.name = "<img src=x>";
  evil.findings[0].message = "</script><script>alert(1)</script> <!-- data --> /* script */";
  const std::string page = page_of(evil);
  EXPECT_THAT(page, Not(HasSubstr("alert(1)</script>")));
  EXPECT_THAT(page, Not(HasSubstr("<img src=x>")));
  EXPECT_EQ(nlohmann::json::parse(data_of(page))["findings"][0]["message"], evil.findings[0].message);
}

TEST(HtmlReport, NeedsNothingButItself) {
  const std::string page = page_of(full_report());
  for (const char* outside :
       {"http://", "https://", "src=", "@import", "url(", "fetch(", "XMLHttpRequest", "import("}) {
    EXPECT_THAT(page, Not(HasSubstr(outside)));
  }
  for (const char* mark : {"<!-- title -->", "<!-- data -->", "/* style */", "/* script */"}) {
    EXPECT_THAT(page, Not(HasSubstr(mark)));
  }
  EXPECT_THAT(page, HasSubstr("<title>Bank.Transfers: deadlock in schedule 41: every thread waits</title>"));
}

TEST(HtmlReport, PutsTextInAsText) {
  const std::string page = page_of(full_report());
  for (const char* markup : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write"}) {
    EXPECT_THAT(page, Not(HasSubstr(markup)));
  }
}

}  // namespace
}  // namespace heddle::check
