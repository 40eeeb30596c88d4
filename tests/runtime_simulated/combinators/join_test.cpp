// Join and try_join on the simulated machine: every branch is driven to its end, by whomever it is woken.
#include "every_operation.hpp"
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using test::every_operation;

task<int> receive(oneshot::receiver<int> end) {
  co_return (co_await end).value_or(-1);
}
task<> send(oneshot::sender<int> end, int value) {
  EXPECT_TRUE(end.send(value).has_value());
  co_return;
}

HEDDLE_TEST_WITH(join_simulated, loses_no_wakeup_of_a_branch, every_operation(3000)) {
  runtime rt = runtime::builder().multi_thread().worker_threads(2).build();
  const int sum = rt.block_on([]() -> task<int> {
    auto [tx1, rx1] = oneshot::channel<int>();
    auto [tx2, rx2] = oneshot::channel<int>();
    spawn(send(std::move(tx1), 1)).detach();
    spawn(send(std::move(tx2), 2)).detach();
    auto both = join(receive(std::move(rx1)), receive(std::move(rx2)));
    const auto values = co_await both;
    co_return std::get<0>(values) + std::get<1>(values);
  }());
  EXPECT_EQ(sum, 3);
}

task<tl::expected<int, std::string>> receive_or_fail(oneshot::receiver<int> end) {
  auto received = co_await end;
  if (!received) co_return tl::unexpected(std::string("closed"));
  co_return *received;
}

HEDDLE_TEST_WITH(join_simulated, try_join_ends_at_the_error_although_the_other_never_comes, every_operation(2000)) {
  runtime rt = runtime::builder().multi_thread().worker_threads(2).build();
  const std::string error = rt.block_on([]() -> task<std::string> {
    auto [tx1, rx1] = oneshot::channel<int>();
    auto [tx2, rx2] = oneshot::channel<int>();
    auto drop = [](oneshot::sender<int>) -> task<> { co_return; };
    spawn(drop(std::move(tx1))).detach();
    std::vector<task<tl::expected<int, std::string>>> parts;
    parts.push_back(receive_or_fail(std::move(rx1)));
    parts.push_back(receive_or_fail(std::move(rx2)));
    auto all = try_join_all(std::move(parts));
    auto result = co_await all;
    EXPECT_TRUE(tx2.is_closed());
    co_return result.error();
  }());
  EXPECT_EQ(error, "closed");
}

}  // namespace
}  // namespace heddle
