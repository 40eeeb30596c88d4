// What connects explorations to GoogleTest: see <heddle/gtest/test.hpp>.
#include "explore/channel.hpp"
#include "explore/list.hpp"
#include "gtest/interceptor.hpp"
#include "heddle/check/framework.hpp"
#include "heddle/gtest/test.hpp"
#include "report/text.hpp"

#include <cstdio>
#include <optional>

#include <gtest/gtest.h>
#include <unistd.h>

namespace heddle::check {

namespace {

std::string name_of(const testing::TestInfo& test) {
  return std::string(test.test_suite_name()) + "." + test.name();
}

// Calls `use` with each test that is registered.
template <typename Use>
void for_each_test(Use use) {
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const testing::TestSuite& suite = *all.GetTestSuite(i);
    for (int j = 0; j < suite.total_test_count(); ++j) use(*suite.GetTestInfo(j));
  }
}

// Now, and not when the program starts, its tests are registered and its arguments read.
class listener final : public testing::EmptyTestEventListener {
  void OnTestProgramStart(const testing::UnitTest&) override {
    if (!is_list_wanted()) return;
    std::vector<std::string> chosen;
    std::vector<std::string> others;
    for_each_test(
        [&](const testing::TestInfo& test) { (test.should_run() ? chosen : others).push_back(name_of(test)); });
    list_and_exit("gtest", chosen, others);
  }
  void OnTestStart(const testing::TestInfo& test) override {
    test_begins();
    if (channel* const told = current_channel()) told->test_begins(name_of(test));
  }
  void OnTestEnd(const testing::TestInfo& test) override {
    using enum channel::test_outcome;
    channel* const told = current_channel();
    if (told == nullptr) return;
    const testing::TestResult& result = *test.result();
    told->test_ended(name_of(test),
                     result.Failed()    ? failed
                     : result.Skipped() ? skipped
                                        : passed,
                     result.elapsed_time());
  }
};

// Hands a result to GoogleTest as if it had been reported there.
void report_to_gtest(testing::TestPartResult::Type type, const char* file, int line, const char* message) {
  testing::internal::AssertHelper(type, file, line, message) = testing::Message();
}

// GoogleTest prints on standard output. What it writes to a file for other programs must be free of colours too.
colours colours_of_gtest() {
  const bool plain = GTEST_FLAG_GET(color) == "no" || !GTEST_FLAG_GET(output).empty();
  return plain ? colours::none : colours_for(STDOUT_FILENO);
}

class gtest_framework final : public framework {
 public:
  std::string current_test() const override {
    const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
    return test == nullptr ? std::string() : name_of(*test);
  }

  std::vector<std::string> tests() const override {
    std::vector<std::string> names;
    for_each_test([&](const testing::TestInfo& test) { names.push_back(name_of(test)); });
    return names;
  }

  std::string filter_argument(const std::string& test) const override { return "--gtest_filter=" + test; }

  void exploration_begins() override {
    // GoogleTest makes this object when an assertion first fails; made inside an execution it would end with it.
    testing::internal::GetCurrentOsStackTraceExceptTop(testing::UnitTest::GetInstance(), 0);
    interceptor_.emplace();
  }

  void exploration_ends(std::uint64_t executions) override {
    const std::vector<testing::TestPartResult> left = interceptor_->left_over(executions);
    interceptor_.reset();
    for (const testing::TestPartResult& one : left) {
      report_to_gtest(one.type(), one.file_name(), one.line_number(), one.message());
    }
  }

 private:
  std::optional<interceptor> interceptor_;
};

}  // namespace

namespace detail {

bool register_gtest() {
  static const bool registered = [] {
    static gtest_framework glue;
    set_framework(&glue);
    testing::UnitTest::GetInstance()->listeners().Append(new listener);
    return true;
  }();
  return registered;
}

void report_to_gtest(const report& result, const char* file, int line) {
  if (!result.failed()) return;
  check::report_to_gtest(testing::TestPartResult::kNonFatalFailure, file, line,
                         to_text(result, colours_of_gtest()).c_str());
}

void run_gtest(const options& chosen, void (*body)(), const char* file, int line) {
  report_to_gtest(explore(chosen, *body), file, line);
}

}  // namespace detail

}  // namespace heddle::check
