// What the runtime allocates: one block for a spawned task, which the thread may have kept from an earlier one, and
// nothing to wake, yield or await it. The executable counts the calls of its operator new.
#include "heddle/runtime.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <pthread.h>

namespace {

// Relaxed: read when nothing else runs.
std::atomic<std::uint64_t> allocations{0};
std::atomic<std::uint64_t> frees{0};
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
  if (block != nullptr) frees.fetch_add(1, std::memory_order_relaxed);
  std::free(block);
}
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept {
  operator delete(block);
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

// How many tasks have come to the gate, which opens when all of them have.
std::atomic<std::uint64_t> at_gate{0};

task<> passes_gate() {
  at_gate.fetch_add(1);
  while (at_gate.load() < rounds) co_await yield_now();
}

// On a thread of its own, which has kept nothing yet.
template <class Function>
void on_a_new_thread(Function function) {
  std::thread(function).join();
}

runtime make_runtime(std::size_t workers) {
  return workers == 0 ? runtime::builder().current_thread().build()
                      : runtime::builder().worker_threads(workers).build();
}

// How many allocations `rounds` tasks take that are all there at a time, so that none has a block of another.
// REQUIRES: `spawn_one` returns the join_handle of a task that passes the gate.
template <class SpawnOne>
std::uint64_t allocations_of(std::size_t workers, SpawnOne spawn_one) {
  at_gate = 0;
  const auto body = [](SpawnOne spawn_each) -> task<std::uint64_t> {
    std::vector<decltype(spawn_each())> handles;
    handles.reserve(rounds);
    const std::uint64_t before = allocations.load();
    for (std::uint64_t i = 0; i < rounds; ++i) handles.push_back(spawn_each());
    for (auto& each : handles) static_cast<void>(co_await each);
    co_return allocations.load() - before;
  };
  std::uint64_t result = 0;
  on_a_new_thread([&] { result = make_runtime(workers).block_on(body(spawn_one)); });
  return result;
}

class allocations_of_a_task : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(runtimes, allocations_of_a_task, testing::Values(0U, 1U, 2U));

TEST_P(allocations_of_a_task, a_spawned_task_is_one) {
  EXPECT_EQ(allocations_of(GetParam(), [] { return spawn(passes_gate()); }), rounds);
}

TEST_P(allocations_of_a_task, a_tracked_task_is_one) {
  const task_tracker tracker;
  EXPECT_EQ(allocations_of(GetParam(), [tracker] { return tracker.spawn(passes_gate()); }), rounds);
}

// The second is for the way through the gate.
TEST_P(allocations_of_a_task, a_spawned_function_that_takes_values_is_one) {
  EXPECT_EQ(allocations_of(GetParam(),
                           [] {
                             const auto body = [](int, std::string text) -> task<std::size_t> {
                               co_await passes_gate();
                               co_return text.size();
                             };
                             return spawn(body, 1, std::string("short"));
                           }),
            2 * rounds);
}

TEST_P(allocations_of_a_task, a_spawned_closure_with_captures_is_two) {
  EXPECT_EQ(allocations_of(GetParam(),
                           [] {
                             const int value = 1;
                             const auto body = [value]() -> task<int> {
                               co_await passes_gate();
                               co_return value;
                             };
                             return spawn(body);
                           }),
            3 * rounds);
}

// How often `round`, a coroutine function, allocates, when it has run once before.
template <class Round>
std::uint64_t allocations_of_later(std::size_t workers, Round round) {
  runtime rt = make_runtime(workers);
  const auto body = [](Round each) -> task<std::uint64_t> {
    co_await each();
    const std::uint64_t before = allocations.load();
    for (std::uint64_t i = 0; i < rounds; ++i) co_await each();
    co_return allocations.load() - before;
  };
  return rt.block_on(body(round));
}

TEST_P(allocations_of_a_task, yielding_locking_and_notifying_are_none) {
  static sync::mutex<int> counter(0);
  static sync::notify event;
  EXPECT_EQ(allocations_of_later(GetParam(),
                                 []() -> task<> {
                                   co_await yield_now();
                                   event.notify_one();
                                   co_await event.notified();
                                   auto guard = co_await counter.lock();
                                   ++*guard;
                                 }),
            0U);
}

task<> empty() {
  co_return;
}

// On one thread: what another one frees, it keeps.
TEST(allocations, of_a_task_that_follows_another_are_none) {
  EXPECT_EQ(allocations_of_later(0,
                                 []() -> task<> {
                                   join_handle<void> handle = spawn(empty());
                                   static_cast<void>(co_await handle);
                                 }),
            0U);
}

TEST(allocations, of_a_closure_that_follows_another_are_none) {
  EXPECT_EQ(allocations_of_later(0,
                                 []() -> task<> {
                                   const int value = 1;
                                   const auto body = [value]() -> task<int> { co_return value; };
                                   join_handle<int> handle = spawn(body);
                                   static_cast<void>(co_await handle);
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

using pool = detail::frame_pool;

TEST(frame_pool, takes_what_was_freed_last_among_blocks_of_one_size) {
  on_a_new_thread([] {
    void* const first = pool::allocate(100);
    void* const second = pool::allocate(104);
    pool::free(first, 100);
    pool::free(second, 104);
    EXPECT_EQ(pool::kept(97), 2U);
    EXPECT_EQ(pool::kept(105), 0U);
    EXPECT_EQ(pool::allocate(98), second);
    EXPECT_EQ(pool::allocate(99), first);
    EXPECT_EQ(pool::kept(97), 0U);
    pool::free(second, 98);
    pool::free(first, 99);
  });
}

TEST(frame_pool, keeps_so_many_of_each_size_and_none_that_is_large) {
  on_a_new_thread([] {
    std::vector<void*> blocks(pool::kept_max + 10);
    for (void*& each : blocks) each = pool::allocate(300);
    for (void* const each : blocks) pool::free(each, 300);
    EXPECT_EQ(pool::kept(300), pool::kept_max);
    const std::uint64_t before = frees.load();
    pool::free(pool::allocate(521), 521);
    EXPECT_EQ(frees.load() - before, 1U);
    pool::free(pool::allocate(520), 520);
    EXPECT_EQ(pool::kept(520), 1U);
  });
}

TEST(frame_pool, gives_blocks_that_hold_what_was_asked_for) {
  on_a_new_thread([] {
    for (std::size_t bytes = 1; bytes <= 600; ++bytes) {
      // The first is new, the second was kept.
      for (int round = 0; round < 2; ++round) {
        void* const block = pool::allocate(bytes);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % __STDCPP_DEFAULT_NEW_ALIGNMENT__, 0U);
        EXPECT_GE(::malloc_usable_size(block), bytes);
        pool::free(block, bytes);
      }
    }
  });
}

std::int64_t blocks_alive() {
  return static_cast<std::int64_t>(allocations.load() - frees.load());
}

TEST(frame_pool, of_a_thread_goes_with_it) {
  const std::int64_t before = blocks_alive();
  on_a_new_thread([] {
    for (const std::size_t bytes : {40U, 200U, 520U}) pool::free(pool::allocate(bytes), bytes);
    EXPECT_EQ(pool::kept(200), 1U);
  });
  EXPECT_EQ(blocks_alive(), before);
}

// What is destroyed after the thread's pool: made before it was opened.
TEST(frame_pool, that_is_gone_keeps_nothing) {
  const std::int64_t before = blocks_alive();
  on_a_new_thread([] {
    static thread_local std::optional<task<>> last;
    last.reset();
    pool::free(pool::allocate(200), 200);
    last.emplace(empty());
  });
  EXPECT_EQ(blocks_alive(), before);
}

}  // namespace
}  // namespace heddle
