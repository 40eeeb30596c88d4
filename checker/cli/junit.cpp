// JUnit's XML, as CI servers read it: a suite for each binary, a case for each test.
#include "cli/results.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace heddle::cli {

namespace {

bool is_failure(const test_entry& one) {
  return one.outcome == "failed" || one.outcome == "broken";
}

// GoogleTest's Suite.Name as a class and a name.
std::string class_of(const test_entry& one) {
  const std::size_t dot = one.name.find('.');
  return dot == std::string::npos ? one.name : one.name.substr(0, dot);
}

std::string name_of(const test_entry& one) {
  const std::size_t dot = one.name.find('.');
  return dot == std::string::npos ? one.name : one.name.substr(dot + 1);
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

std::string body_of(const test_entry& one) {
  std::string text;
  for (const finding_entry& each : one.findings) {
    text += fmt::format("      <failure type=\"{}\" message=\"{}\">{}\nreplay: {}\n</failure>\n", each.kind,
                        escaped_for_markup(first_line(each.message)), escaped_for_markup(each.message),
                        escaped_for_markup(each.replay));
  }
  if (one.findings.empty() && is_failure(one)) {
    const std::string why = one.end.empty() ? "failed outside of any exploration" : "its process " + one.end;
    text += fmt::format("      <failure type=\"test\" message=\"{}\">{}</failure>\n", escaped_for_markup(why),
                        escaped_for_markup(one.output));
  }
  if (one.outcome == "unusable" || one.outcome == "not-run") {
    text += fmt::format("      <error type=\"{}\" message=\"{}\"/>\n", one.outcome, escaped_for_markup(one.end));
  }
  if (one.outcome == "skipped") text += "      <skipped/>\n";
  return text;
}

}  // namespace

std::string to_junit(const results& what) {
  std::map<std::string, std::vector<const test_entry*>> by_program;
  for (const test_entry& one : what.tests) by_program[one.program].push_back(&one);
  std::string text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"heddle\" time=\"{:.3f}\">\n", what.seconds);
  for (const auto& suite : by_program) {
    const std::vector<const test_entry*>& tests = suite.second;
    const auto count = [&tests](auto test) { return std::count_if(tests.begin(), tests.end(), test); };
    text += fmt::format(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n",
        escaped_for_markup(suite.first), tests.size(),
        count([](const test_entry* one) { return is_failure(*one) || !one->findings.empty(); }),
        count([](const test_entry* one) { return one->outcome == "unusable" || one->outcome == "not-run"; }),
        count([](const test_entry* one) { return one->outcome == "skipped"; }));
    for (const test_entry* one : tests) {
      text += fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\">\n{}    </testcase>\n",
                          escaped_for_markup(class_of(*one)), escaped_for_markup(name_of(*one)), one->seconds,
                          body_of(*one));
    }
    text += "  </testsuite>\n";
  }
  return text + "</testsuites>\n";
}

}  // namespace heddle::cli
