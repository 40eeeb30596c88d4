// What the runtime allocates: one block for a spawned task, and nothing to wake, yield or await it. The executable
// counts the calls of its operator new.
#include "heddle/runtime.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
#include <utility>

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <pthread.h>

namespace {

// Relaxed: read when nothing else runs.
std::atomic<std::uint64_t> allocations{0};
std::atomic<std::uint64_t> locks{0};

// The function of that name that this executable hides.
template <class Function>
Function* hidden(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* const block = std::malloc(size)) return block;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* block) noexcept {
  std::free(block);
}
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept {
  std::free(block);
}

extern "C" int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  static auto* const next = hidden<int(pthread_mutex_t*)>("pthread_mutex_lock");
  locks.fetch_add(1, std::memory_order_relaxed);
  return next(mutex);
}
extern "C" int pthread_cond_signal(pthread_cond_t* condition) noexcept {
  static auto* const next = hidden<int(pthread_cond_t*)>("pthread_cond_signal");
  locks.fetch_add(1, std::memory_order_relaxed);
  return next(condition);
}
extern "C" int pthread_cond_broadcast(pthread_cond_t* condition) noexcept {
  static auto* const next = hidden<int(pthread_cond_t*)>("pthread_cond_broadcast");
  locks.fetch_add(1, std::memory_order_relaxed);
  return next(condition);
}

namespace heddle {
namespace {

constexpr std::uint64_t rounds = 100;

// How often `round`, a coroutine function, allocates, on a runtime with so many workers.
template <class Round>
std::uint64_t allocations_of(std::size_t workers, Round round) {
  runtime rt =
      workers == 0 ? runtime::builder().current_thread().build() : runtime::builder().worker_threads(workers).build();
  const auto body = [](Round each) -> task<std::uint64_t> {
    // The frame of a round is not what is asked for.
    const std::uint64_t before = allocations.load();
    for (std::uint64_t i = 0; i < rounds; ++i) co_await each();
    co_return allocations.load() - before - rounds;
  };
  return rt.block_on(body(round));
}

task<> empty() {
  co_return;
}

class allocations_of_a_task : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(runtimes, allocations_of_a_task, testing::Values(0U, 1U, 2U));

TEST_P(allocations_of_a_task, a_spawned_task_is_one) {
  EXPECT_EQ(allocations_of(GetParam(),
                           []() -> task<> {
                             join_handle<void> handle = spawn(empty());
                             static_cast<void>(co_await handle);
                           }),
            rounds);
}

TEST_P(allocations_of_a_task, a_tracked_task_is_one) {
  const task_tracker tracker;
  EXPECT_EQ(allocations_of(GetParam(),
                           [tracker]() -> task<> {
                             join_handle<void> handle = tracker.spawn(empty());
                             static_cast<void>(co_await handle);
                           }),
            rounds);
}

TEST_P(allocations_of_a_task, a_spawned_function_that_takes_values_is_one) {
  EXPECT_EQ(allocations_of(GetParam(),
                           []() -> task<> {
                             const auto body = [](int, std::string text) -> task<std::size_t> {
                               co_return text.size();
                             };
                             join_handle<std::size_t> handle = spawn(body, 1, std::string("short"));
                             static_cast<void>(co_await handle);
                           }),
            rounds);
}

TEST_P(allocations_of_a_task, a_spawned_closure_with_captures_is_two) {
  EXPECT_EQ(allocations_of(GetParam(),
                           []() -> task<> {
                             int value = 1;
                             const auto body = [value]() -> task<int> { co_return value; };
                             join_handle<int> handle = spawn(body);
                             static_cast<void>(co_await handle);
                           }),
            2 * rounds);
}

TEST_P(allocations_of_a_task, yielding_locking_and_notifying_are_none) {
  static sync::mutex<int> counter(0);
  static sync::notify event;
  EXPECT_EQ(allocations_of(GetParam(),
                           []() -> task<> {
                             co_await yield_now();
                             event.notify_one();
                             co_await event.notified();
                             auto guard = co_await counter.lock();
                             ++*guard;
                           }),
            0U);
}

TEST(allocations, of_small_values_in_a_channel_without_bound_are_one_for_sixteen) {
  auto [tx, rx] = mpsc::unbounded<int>();
  const std::uint64_t before = allocations.load();
  for (int i = 0; i < 160; ++i) static_cast<void>(tx.send(i));
  EXPECT_EQ(allocations.load() - before, 10U);
  for (int i = 0; i < 160; ++i) EXPECT_EQ(*rx.try_recv(), i);
}

// Wakes the other of two tasks, and waits to be woken by it.
class turn {
 public:
  using declare_send = declared_true<turn, "the wakers belong to tasks that take turns">;
  turn(waker& own, waker& other) noexcept : own_(&own), other_(&other) {}
  poll_result<> poll(context& cx) noexcept {
    if (std::exchange(has_waited_, true)) return ready;
    *own_ = cx.get_waker().clone();
    if (*other_) std::exchange(*other_, waker()).wake();
    return pending;
  }

 private:
  waker* own_;
  waker* other_;
  bool has_waited_ = false;
};

task<> takes_turns(waker& own, waker& other) {
  for (int i = 0; i < 10'000; ++i) {
    turn next(own, other);
    co_await next;
  }
  if (other) std::exchange(other, waker()).wake();
}

// How many locks are taken on one worker while a task yields a thousand times and two others wake each other, which
// they do for longer than that.
task<std::uint64_t> locks_of_wakes() {
  waker first;
  waker second;
  join_handle<void> one = spawn(takes_turns(first, second));
  join_handle<void> two = spawn(takes_turns(second, first));
  const std::uint64_t before = locks.load();
  for (int i = 0; i < 1000; ++i) co_await yield_now();
  const std::uint64_t after = locks.load();
  static_cast<void>(co_await one);
  static_cast<void>(co_await two);
  co_return after - before;
}

TEST(locks, a_busy_worker_wakes_and_runs_tasks_without_one) {
  runtime rt = runtime::builder().worker_threads(1).build();
  const auto body = [](join_handle<std::uint64_t> inner) -> task<std::uint64_t> { co_return (co_await inner).value(); };
  EXPECT_EQ(rt.block_on(body(rt.spawn(locks_of_wakes()))), 0U);
}

TEST(allocations, a_task_costs_its_frame_and_at_most_128_bytes) {
  EXPECT_LE(detail::frame_memory::overhead, 128U);
}

}  // namespace
}  // namespace heddle
