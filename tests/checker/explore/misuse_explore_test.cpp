// What the runtime does not allow is a finding in an execution, and the exploration lives on; what it advises instead
// passes.
#include "explore_on_workers.hpp"
#include "heddle/check.hpp"
#include "heddle/runtime.hpp"

#include <ostream>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heddle::check {
namespace {

using ::testing::HasSubstr;

struct misuse {
  const char* name;
  const char* message;
  task<> (*wrong)();
  task<> (*right)();

  friend std::ostream& operator<<(std::ostream& out, const misuse& one) { return out << one.name; }
};

class MisuseExplore : public ::testing::TestWithParam<misuse> {};

task<> in_a_task(task<> (*body)()) {
  auto spawned = spawn(body());
  co_await spawned;
}
report check(task<> (*body)()) {
  return testing::explore_on_workers([body] { return in_a_task(body); }, {.schedules = 20});
}

TEST_P(MisuseExplore, is_a_finding_and_other_explorations_go_on) {
  const report caught = check(GetParam().wrong);
  ASSERT_EQ(caught.findings.size(), 1U) << caught.text();
  EXPECT_EQ(caught.findings[0].kind, finding_kind::assertion) << caught.text();
  EXPECT_THAT(caught.findings[0].message, HasSubstr(GetParam().message));
  EXPECT_THAT(caught.findings[0].where.file, HasSubstr("misuse_explore_test.cpp")) << caught.text();
  const report passed = check(GetParam().right);
  EXPECT_FALSE(passed.failed()) << passed.text();
}

task<> drops_a_runtime() {
  {
    const runtime own = runtime::builder().worker_threads(1).build();
  }
  co_return;
}
task<> drops_a_runtime_where_it_may_wait() {
  runtime own = runtime::builder().worker_threads(1).build();
  auto dropped = spawn_blocking([own = std::move(own)] {});
  co_await dropped;
}

task<> blocks_on_a_task() {
  try {
    handle::current().block_on([]() -> task<> { co_return; }());
  } catch (const std::logic_error&) {
    // It is a finding all the same.
  }
  co_return;
}
task<> blocks_on_a_task_where_it_may() {
  auto blocking = spawn_blocking([] { handle::current().block_on([]() -> task<> { co_return; }()); });
  co_await blocking;
}

task<> awaits_a_join_handle_twice() {
  auto once = spawn([]() -> task<> { co_return; });
  co_await once;
  co_await once;
}
task<> awaits_two_join_handles() {
  auto one = spawn([]() -> task<> { co_return; });
  auto other = spawn([]() -> task<> { co_return; });
  co_await one;
  co_await other;
}

INSTANTIATE_TEST_SUITE_P(All, MisuseExplore,
                         ::testing::Values(misuse{"a_runtime_dropped_inside_async_code",
                                                  ": a runtime is destroyed inside async code", drops_a_runtime,
                                                  drops_a_runtime_where_it_may_wait},
                                           misuse{"block_on_inside_async_code", "block_on was called inside async code",
                                                  blocks_on_a_task, blocks_on_a_task_where_it_may},
                                           misuse{"an_empty_join_handle_awaited", "an empty join_handle is awaited",
                                                  awaits_a_join_handle_twice, awaits_two_join_handles}),
                         [](const ::testing::TestParamInfo<misuse>& made) { return std::string(made.param.name); });

}  // namespace
}  // namespace heddle::check
