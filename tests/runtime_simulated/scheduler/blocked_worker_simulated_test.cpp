// A task that blocks its worker, as none should, keeps only what is in the LIFO slot from running: whatever waits in a
// queue behind it is taken by the other worker, which is woken for it. A wake that is lost is a deadlock here.
#include "drive.hpp"
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"

#include <semaphore>
#include <utility>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using test::every_operation;

using signal = std::binary_semaphore;

void block_until(signal& given) {
  const check::allow_blocking meant("what is tested is what others do meanwhile");
  given.acquire();
}

task<> gives(signal& given) {
  given.release();
  co_return;
}
task<> does_nothing() {
  co_return;
}
task<> gives_when_woken(oneshot::receiver<int> woken, signal& given) {
  static_cast<void>(co_await woken);
  given.release();
}
task<> yields_and_gives(signal& given) {
  co_await yield_now();
  given.release();
}

// Runs the task on one of two workers.
void run_on_two(task<> body) {
  runtime rt = runtime::builder().worker_threads(2).build();
  const auto joins = [](join_handle<void> handle) -> task<> { HEDDLE_CHECK((co_await handle).has_value()); };
  rt.block_on(joins(rt.spawn(std::move(body))));
}

HEDDLE_TEST_WITH(blocked_worker_simulated, a_task_that_was_spawned_is_taken_by_the_other, every_operation(2000)) {
  signal given(0);
  const auto body = [](signal& sign) -> task<> {
    join_handle<void> one = spawn(gives(sign));
    join_handle<void> in_the_slot = spawn(does_nothing());
    block_until(sign);
    static_cast<void>(co_await one);
    static_cast<void>(co_await in_the_slot);
  };
  run_on_two(body(given));
}

HEDDLE_TEST_WITH(blocked_worker_simulated, a_task_that_was_woken_is_taken_by_the_other, every_operation(2000)) {
  signal given(0);
  const auto body = [](signal& sign) -> task<> {
    auto [to_one, one] = oneshot::channel<int>();
    join_handle<void> first = spawn(gives_when_woken(std::move(one), sign));
    co_await yield_now();
    static_cast<void>(std::move(to_one).send(1));
    join_handle<void> in_the_slot = spawn(does_nothing());
    block_until(sign);
    static_cast<void>(co_await first);
    static_cast<void>(co_await in_the_slot);
  };
  run_on_two(body(given));
}

HEDDLE_TEST_WITH(blocked_worker_simulated, a_task_that_yielded_is_taken_by_the_other, every_operation(2000)) {
  signal given(0);
  const auto body = [](signal& sign) -> task<> {
    join_handle<void> one = spawn(yields_and_gives(sign));
    co_await yield_now();
    block_until(sign);
    static_cast<void>(co_await one);
  };
  run_on_two(body(given));
}

// A worker takes an injected task first, at every turn here, and with it what was in its slot would be out of reach.
HEDDLE_TEST_WITH(blocked_worker_simulated, a_task_that_was_passed_over_is_taken_by_the_other, every_operation(5000)) {
  signal given(0);
  runtime rt = runtime::builder().worker_threads(2).global_queue_interval(1).build();
  const auto spawns = [](signal& sign) -> task<> {
    spawn(gives(sign)).detach();
    co_return;
  };
  const auto blocks = [](signal& sign) -> task<> {
    block_until(sign);
    co_return;
  };
  rt.spawn(spawns(given)).detach();
  join_handle<void> last = rt.spawn(blocks(given));
  const auto joins = [](join_handle<void> handle) -> task<> { HEDDLE_CHECK((co_await handle).has_value()); };
  rt.block_on(joins(std::move(last)));
}

}  // namespace
}  // namespace heddle
