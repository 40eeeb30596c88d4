#include "cli/fuzz/outcome.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace heddle::cli {
namespace {

using std::chrono::milliseconds;

class NightFindings : public testing::Test {
 protected:
  NightFindings() {
    suite_.file = {.path = "/home/me/my_tests", .build = 0x9c41b7aa};
    suite_.kind = binary_kind::gtest;
    suite_.tests = {"Queue.Push"};
    units_.emplace_back(suite_, "Queue.Push", "my_tests", "1/1", 1);
  }

  // What a slice finds in its schedule 3.
  void found_by(const slice_plan& slice) {
    const json finding{{"kind", "deadlock"}, {"signature", "00c0ffee"}, {"message", "a cycle"}, {"schedule", 3}};
    findings_.seen(units_.front(), slice.before, json{{"findings", json::array({finding})}}, finding);
  }
  // Schedules of the test before the one that found it.
  std::uint64_t found_after() const { return findings_.lines().front().what.after; }

  suite suite_;
  std::vector<unit> units_;
  night_findings findings_{nullptr, units_};
};

TEST_F(NightFindings, FindingCountsTheSlicesThatEndedBeforeItsOwnBegan) {
  unit& test = units_.front();
  const slice_plan first = test.next({});
  test.done(first, 1000, milliseconds(1), {});
  found_by(test.next({}));
  EXPECT_EQ(found_after(), 1000U);
}

// The second one found it as well, and left it to the first, which had begun to write its report.
TEST_F(NightFindings, FindingDoesNotCountTheSlicesThatEndedWhileItsOwnRan) {
  unit& test = units_.front();
  const slice_plan first = test.next({});
  const slice_plan second = test.next({});
  test.done(second, 1000, milliseconds(1), {});
  found_by(first);
  EXPECT_EQ(found_after(), 0U);
}

TEST_F(NightFindings, SlicesBesideTheOneThatFoundItTriedAsOften) {
  unit& test = units_.front();
  const slice_plan first = test.next({});
  test.next({});
  test.next({});
  found_by(first);
  EXPECT_EQ(found_after(), 2U * 4U);
}

}  // namespace
}  // namespace heddle::cli
