// Coroutines that are resumed or destroyed at the wrong time, and frames that are touched after their handle went
// elsewhere: what is found, as what, and that the corrected programs pass. What is not seen is in limits.md.
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"

#include <array>
#include <atomic>
#include <coroutine>
#include <csignal>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using heddle::task;
using heddle::check::explore;
using heddle::check::finding;
using heddle::check::finding_kind;
using heddle::check::options;
using heddle::check::report;
using testing::AnyOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::SizeIs;

// A coroutine of a user's own, which destroys itself at its end, or stays for its owner.
template <typename FinalSuspend>
struct coroutine {
  struct promise_type {
    coroutine get_return_object() noexcept { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    FinalSuspend final_suspend() const noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};
using self_destroying = coroutine<std::suspend_never>;
using owned = coroutine<std::suspend_always>;

// Handles that wait to be resumed by whoever takes them.
class executor {
 public:
  // Suspends the caller.
  auto schedule() noexcept {
    struct awaiter {
      executor& on;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> handle) const { on.push(handle); }
      void await_resume() const noexcept {}
    };
    return awaiter{*this};
  }
  void push(std::coroutine_handle<> handle) {
    const std::lock_guard held(mutex_);
    handles_.push_back(handle);
  }
  // Null when none waits.
  std::coroutine_handle<> take() {
    const std::lock_guard held(mutex_);
    if (handles_.empty()) return nullptr;
    const std::coroutine_handle<> last = handles_.back();
    handles_.pop_back();
    return last;
  }
  bool run_one() {
    const std::coroutine_handle<> next = take();
    if (next) next.resume();
    return static_cast<bool>(next);
  }

 private:
  std::mutex mutex_;
  std::vector<std::coroutine_handle<>> handles_;
};

[[gnu::noinline]] owned count_and_stay(executor& on, int& count) {
  auto turn = on.schedule();
  co_await turn;
  ++count;
}
[[gnu::noinline]] self_destroying count_and_go(executor& on, int& count) {
  auto turn = on.schedule();
  co_await turn;
  ++count;
}

const finding& only_finding(const report& result) {
  EXPECT_THAT(result.findings, SizeIs(1)) << result.text();
  static const finding none;
  return result.findings.empty() ? none : result.findings.front();
}

// ---------------------------------------------------------------- resumed twice

template <bool Fixed>
void resume_one_that_is_done() {
  executor on;
  int count = 0;
  const owned one = count_and_stay(on, count);
  on.run_one();
  if (!Fixed || !one.handle.done()) one.handle.resume();
  one.handle.destroy();
}

TEST(DoubleResume, OfACoroutineThatIsDoneIsFoundWithItsPlaces) {
  const report result = explore(options{.schedules = 5}, resume_one_that_is_done<false>);
  const finding& found = only_finding(result);
  EXPECT_EQ(found.kind, finding_kind::double_resume) << result.text();
  const std::string text = result.text();
  EXPECT_THAT(text, HasSubstr("double-resume in "));
  EXPECT_THAT(text, HasSubstr(": a coroutine is resumed after it was done"));
  EXPECT_THAT(text,
              ContainsRegex("stack of thread 0:\n[^:]*double_resume_explore_test.cpp:[0-9]+  resume_one_that_is"));
  EXPECT_THAT(text, ContainsRegex("stack of thread 0, where it allocated it:\n"
                                  "[^:]*double_resume_explore_test.cpp:[0-9]+  count_and_stay"));
  const report passed = explore(options{.schedules = 5}, resume_one_that_is_done<true>);
  EXPECT_FALSE(passed.failed()) << passed.text();
}

// Where a compiler would put the frame that sees that it may.
struct on_the_stack {
  struct promise_type {
    static void* operator new(std::size_t size, std::array<std::byte, 1024>& room) noexcept {
      return size <= room.size() ? room.data() : nullptr;
    }
    static void operator delete(void*, std::size_t) noexcept {}
    static on_the_stack get_return_object_on_allocation_failure() noexcept { return {nullptr}; }
    on_the_stack get_return_object() noexcept { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};
[[gnu::noinline]] on_the_stack end_at_once(std::array<std::byte, 1024>&) {
  co_return;
}

TEST(DoubleResume, OfACoroutineThatIsDoneAndStandsOnTheStackIsFound) {
  const report result = explore(options{.schedules = 5}, [] {
    alignas(std::max_align_t) std::array<std::byte, 1024> room;
    const on_the_stack one = end_at_once(room);
    one.handle.resume();
    one.handle.resume();
  });
  EXPECT_EQ(only_finding(result).kind, finding_kind::double_resume) << result.text();
}

template <bool Fixed>
void resume_one_that_is_gone() {
  executor on;
  int count = 0;
  count_and_go(on, count);
  const std::coroutine_handle<> handle = on.take();
  on.push(handle);
  if (!Fixed) on.push(handle);
  while (on.run_one()) {
  }
}

TEST(DoubleResume, OfACoroutineThatDestroyedItselfIsFound) {
  const report result = explore(options{.schedules = 5}, resume_one_that_is_gone<false>);
  EXPECT_EQ(only_finding(result).kind, finding_kind::double_resume) << result.text();
  const std::string text = result.text();
  EXPECT_THAT(text, HasSubstr("a coroutine is resumed, or asked whether it is done, after its frame was destroyed"));
  EXPECT_THAT(text, HasSubstr("where it freed the block:"));
  EXPECT_THAT(text, ContainsRegex("where it allocated it:\n[^:]*double_resume_explore_test.cpp:[0-9]+  count_and_go"));
  const report passed = explore(options{.schedules = 5}, resume_one_that_is_gone<true>);
  EXPECT_FALSE(passed.failed()) << passed.text();
}

// Two threads that resume what they find: one handle that both look at before either takes it.
template <bool Fixed>
void resume_by_two_threads() {
  executor on;
  int count = 0;
  count_and_go(on, count);
  std::atomic<void*> next{on.take().address()};
  const auto resume = [&] {
    void* const address = Fixed ? next.exchange(nullptr) : next.load();
    if (address == nullptr) return;
    next.store(nullptr);
    std::coroutine_handle<>::from_address(address).resume();
  };
  std::thread other(resume);
  resume();
  other.join();
}

TEST(DoubleResume, ByTwoThreadsAtOnceIsARaceInTheFrameOrItsUseAfterItsEnd) {
  const report result = explore(options{}, resume_by_two_threads<false>);
  const finding& found = only_finding(result);
  EXPECT_THAT(found.kind, AnyOf(finding_kind::data_race, finding_kind::double_resume)) << result.text();
  EXPECT_THAT(result.text(), AnyOf(HasSubstr("a coroutine frame of "), HasSubstr("a coroutine is resumed")));
  const report without_races = explore(options{.races = false}, resume_by_two_threads<false>);
  EXPECT_EQ(only_finding(without_races).kind, finding_kind::double_resume) << without_races.text();
  const report passed = explore(options{}, resume_by_two_threads<true>);
  EXPECT_FALSE(passed.failed()) << passed.text();
}

// An awaitable of another library that resumes its waiter more than once.
struct eager_callback {
  int times;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) const {
    std::thread([handle, left = times] {
      for (int i = 0; i < left; ++i) handle.resume();
    }).detach();
  }
  void await_resume() const noexcept {}
};

void await_callback(int times) {
  heddle::runtime on = heddle::runtime::builder().multi_thread().worker_threads(2).build();
  on.block_on([](int calls) -> task<> {
    auto called = heddle::from_awaitable(eager_callback{calls});
    co_await called;
  }(times));
}

TEST(DoubleResume, OfATaskByAForeignAwaitableIsFound) {
  const report result = explore(options{.schedules = 50}, [] { await_callback(2); });
  EXPECT_EQ(only_finding(result).kind, finding_kind::double_resume) << result.text();
  const report passed = explore(options{.schedules = 50}, [] { await_callback(1); });
  EXPECT_FALSE(passed.failed()) << passed.text();
}

TEST(DoubleResume, IsNotWhatACrashAtAnotherNullPointerIsCalled) {
  using function = void (*)(void*);
  EXPECT_EXIT(
      {
        static_cast<void>(explore(options{.schedules = 1}, [] {
          function volatile none = nullptr;
          const auto argument = std::make_unique<function>(nullptr);
          none(argument.get());
        }));
      },
      testing::KilledBySignal(SIGSEGV), "crash in ");
}

// The limit of it: a handle is one address, whichever suspension it was given out for. Resumed once too often, a
// coroutine that waits for something else by then goes on without it.
[[gnu::noinline]] owned wait_twice(executor& on, int& step) {
  auto turn = on.schedule();
  co_await turn;
  step = 1;
  co_await turn;
  step = 2;
}

TEST(DoubleResume, OfACoroutineThatIsSuspendedElsewhereByThenIsNotSeen) {
  const report result = explore(options{.schedules = 5}, [] {
    executor on;
    int step = 0;
    const owned one = wait_twice(on, step);
    const std::coroutine_handle<> first = on.take();
    first.resume();
    first.resume();
    HEDDLE_CHECK(step == 2);
    one.handle.destroy();
  });
  EXPECT_FALSE(result.failed()) << result.text();
}

// ---------------------------------------------------------------- destroyed too early

template <bool Fixed>
void destroy_one_that_is_queued() {
  executor on;
  int count = 0;
  const owned one = count_and_stay(on, count);
  if (Fixed) on.take();
  one.handle.destroy();
  on.run_one();
}

TEST(DoubleResume, OfACoroutineThatWasDestroyedWhileItWasQueuedIsFound) {
  const report result = explore(options{.schedules = 5}, destroy_one_that_is_queued<false>);
  EXPECT_EQ(only_finding(result).kind, finding_kind::double_resume) << result.text();
  EXPECT_THAT(result.text(), HasSubstr("destroy_one_that_is_queued"));
  const report passed = explore(options{.schedules = 5}, destroy_one_that_is_queued<true>);
  EXPECT_FALSE(passed.failed()) << passed.text();
}

// Destroys the coroutine in whose middle it is called.
[[gnu::noinline]] owned destroy_while_running(executor& on, std::coroutine_handle<>& self, int& count) {
  auto turn = on.schedule();
  co_await turn;
  if (self) self.destroy();
  ++count;
  co_await turn;
}

void destroy_one_that_runs(bool broken) {
  executor on;
  std::coroutine_handle<> self;
  int count = 0;
  const owned one = destroy_while_running(on, self, count);
  if (broken) self = one.handle;
  on.run_one();
  one.handle.destroy();
}

TEST(CoroutineFrame, DestroyedWhileItRunsIsUsedAfterItWasFreed) {
  const report result = explore(options{.schedules = 5}, [] { destroy_one_that_runs(true); });
  EXPECT_EQ(only_finding(result).kind, finding_kind::use_after_free) << result.text();
  EXPECT_THAT(result.text(), AnyOf(HasSubstr("a coroutine frame of "), HasSubstr("a coroutine is destroyed")));
  const report passed = explore(options{.schedules = 5}, [] { destroy_one_that_runs(false); });
  EXPECT_FALSE(passed.failed()) << passed.text();
}

TEST(CoroutineFrame, DestroyedTwiceIsFound) {
  const auto body = [](int times) {
    return [times] {
      executor on;
      int count = 0;
      const owned one = count_and_stay(on, count);
      for (int i = 0; i < times; ++i) one.handle.destroy();
    };
  };
  const report result = explore(options{.schedules = 5}, body(2));
  EXPECT_EQ(only_finding(result).kind, finding_kind::use_after_free) << result.text();
  EXPECT_THAT(result.text(), HasSubstr("a coroutine is destroyed after its frame was destroyed"));
  const report passed = explore(options{.schedules = 5}, body(1));
  EXPECT_FALSE(passed.failed()) << passed.text();
}

// ---------------------------------------------------------------- touched after its handle went elsewhere

// Sends the caller to the executor and says that it did: by the awaiter, which is part of the frame.
template <bool Fixed>
struct send_away {
  explicit send_away(executor& on) : to(on) {}

  executor& to;
  std::atomic<bool> sent{false};

  bool await_ready() const noexcept { return false; }
  [[gnu::noinline]] void await_suspend(std::coroutine_handle<> handle) {
    if (Fixed) sent.store(true);
    to.push(handle);
    // From here on the coroutine may have ended on another thread, and this object with it.
    if (!Fixed) sent.store(true);
  }
  bool await_resume() const noexcept { return sent.load(); }
};

template <bool Fixed>
[[gnu::noinline]] self_destroying move_to(executor& on, std::atomic<bool>& moved) {
  send_away<Fixed> move{on};
  moved.store(co_await move);
}

template <bool Fixed>
void publish() {
  executor on;
  std::atomic<bool> moved{false};
  std::thread other([&] {
    while (!on.run_one()) std::this_thread::yield();
  });
  move_to<Fixed>(on, moved);
  other.join();
}

TEST(CoroutineFrame, TouchedAfterItsHandleWasPublishedIsARaceWithItsEndOrAUseAfterIt) {
  const report result = explore(options{}, publish<false>);
  EXPECT_THAT(only_finding(result).kind, AnyOf(finding_kind::data_race, finding_kind::use_after_free)) << result.text();
  EXPECT_THAT(result.text(), HasSubstr("a coroutine frame of "));
  EXPECT_THAT(result.text(), HasSubstr("await_suspend"));
  const report without_races = explore(options{.races = false}, publish<false>);
  EXPECT_EQ(only_finding(without_races).kind, finding_kind::use_after_free) << without_races.text();
  const report passed = explore(options{}, publish<true>);
  EXPECT_FALSE(passed.failed()) << passed.text();
}

// ---------------------------------------------------------------- arguments and captures

// What a reference parameter or a lambda's captures were is gone when the coroutine goes on.
[[gnu::noinline]] self_destroying print_later(executor& on, const std::vector<int>& numbers, int& sum) {
  auto turn = on.schedule();
  co_await turn;
  for (const int number : numbers) sum += number;
}

template <bool Fixed>
void sum_up() {
  executor on;
  int sum = 0;
  auto numbers = std::make_unique<std::vector<int>>(3, 1);
  print_later(on, *numbers, sum);
  if (Fixed) on.run_one();
  numbers.reset();
  on.run_one();
  HEDDLE_CHECK(sum == 3);
}

TEST(CoroutineParameter, ThatDiedBeforeItsUseIsUsedAfterItWasFreed) {
  const report result = explore(options{.schedules = 5}, sum_up<false>);
  EXPECT_EQ(only_finding(result).kind, finding_kind::use_after_free) << result.text();
  EXPECT_THAT(result.text(), HasSubstr("print_later"));
  const report passed = explore(options{.schedules = 5}, sum_up<true>);
  EXPECT_FALSE(passed.failed()) << passed.text();
}

// Begins a coroutine that goes on after this function, with its locals, has returned.
[[gnu::noinline]] void print_numbers_of_its_own_later(executor& on, int& sum) {
  const std::vector<int> numbers(3, 1);
  // The vector is to stand far down, where nothing that is called afterwards reaches.
  std::array<char, 4096> room{};
  asm volatile("" : : "r"(room.data()) : "memory");
  print_later(on, numbers, sum);
}

TEST(CoroutineParameter, ThatDiedOnTheStackBeforeItsUseIsFoundThereToo) {
  const auto sum_up_on_the_stack = [] {
    executor on;
    int sum = 0;
    const auto begin = [&](auto again, int depth) -> void {
      if (depth != 0) return again(again, depth - 1);
      print_numbers_of_its_own_later(on, sum);
    };
    begin(begin, 16);
    on.run_one();
  };
  const report result = explore(options{.schedules = 5}, sum_up_on_the_stack);
  EXPECT_EQ(only_finding(result).kind, finding_kind::use_after_free) << result.text();
  EXPECT_THAT(result.text(), HasSubstr("of a local of a function that has returned: on the stack of thread 0"));
}

template <bool Fixed>
void capture() {
  executor on;
  int sum = 0;
  {
    const auto shared = std::make_shared<int>(3);
    // The captures are members of the lambda, which the coroutine does not keep.
    auto add = std::make_unique<std::function<self_destroying()>>([&on, &sum, shared]() -> self_destroying {
      auto turn = on.schedule();
      co_await turn;
      sum += *shared;
    });
    (*add)();
    if (Fixed) on.run_one();
  }
  on.run_one();
  HEDDLE_CHECK(sum == 3);
}

TEST(CoroutineCapture, ThatDiedWithItsLambdaIsUsedAfterItWasFreed) {
  const report result = explore(options{.schedules = 5}, capture<false>);
  EXPECT_EQ(only_finding(result).kind, finding_kind::use_after_free) << result.text();
  const report passed = explore(options{.schedules = 5}, capture<true>);
  EXPECT_FALSE(passed.failed()) << passed.text();
}

}  // namespace
