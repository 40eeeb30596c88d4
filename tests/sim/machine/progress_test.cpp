// Executions in which nothing comes of what is done, tasks that are passed over, and polls that take too long.
#include "../support.hpp"

#include <heddle/hooks.hpp>

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heddle::sim::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

machine_options short_ones() {
  machine_options options;
  options.steps_max = 50'000;
  return options;
}

// ---------------------------------------------------------------- livelock

TEST(Livelock, threads_that_wait_for_each_other_by_looking_are_named_with_what_they_look_at) {
  const execution_result result = run_once(
      [] {
        std::atomic<bool> first{true};
        std::atomic<bool> second{true};
        // Each lets the other go first.
        const auto yield_to = [](const std::atomic<bool>& other) {
          while (other) std::this_thread::yield();
        };
        std::thread one([&] { yield_to(second); });
        std::thread two([&] { yield_to(first); });
        one.join();
        two.join();
      },
      1, short_ones());
  ASSERT_EQ(result.failures.size(), 1u);
  EXPECT_EQ(result.failures[0].kind, failure_kind::livelock);
  EXPECT_THAT(
      result.failures[0].message,
      MatchesRegex("nothing changes any more, and what can run only looks again: thread 1 \\(yield, atomic load "
                   "#.*\\), thread 2 \\(yield, atomic load #.*\\)"));
  EXPECT_EQ(result.failures[0].threads.size(), 3u);
}

TEST(Livelock, trying_locks_that_are_never_free_is_one) {
  const execution_result result = run_once(
      [] {
        std::mutex a;
        std::mutex b;
        std::atomic<int> ready{0};
        const auto both = [&](std::mutex& mine, std::mutex& other) {
          const std::lock_guard lock(mine);
          ready.fetch_add(1);
          while (ready != 2) std::this_thread::yield();
          while (!other.try_lock()) std::this_thread::yield();
          other.unlock();
        };
        std::thread one([&] { both(a, b); });
        std::thread two([&] { both(b, a); });
        one.join();
        two.join();
      },
      1, short_ones());
  ASSERT_EQ(result.failures.size(), 1u);
  EXPECT_EQ(result.failures[0].kind, failure_kind::livelock);
  EXPECT_THAT(result.failures[0].message, HasSubstr("mutex try-lock #"));
}

TEST(Livelock, sleeping_between_looks_is_no_progress_either) {
  const execution_result result = run_once(
      [] {
        const std::atomic<bool> never{false};
        while (!never) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      },
      1, short_ones());
  ASSERT_EQ(result.failures.size(), 1u);
  EXPECT_EQ(result.failures[0].kind, failure_kind::livelock);
}

TEST(Livelock, an_execution_that_goes_on_changing_something_is_only_too_long) {
  const execution_result result = run_once(
      [] {
        for (std::atomic<unsigned> turns{0};; turns.fetch_add(1)) std::this_thread::yield();
      },
      1, short_ones());
  ASSERT_EQ(result.failures.size(), 1u);
  EXPECT_EQ(result.failures[0].kind, failure_kind::step_limit);
  EXPECT_THAT(result.failures[0].message, HasSubstr("options::steps_max"));
}

TEST(Livelock, who_is_not_given_a_turn_is_not_blamed) {
  // Without fairness the spinning thread keeps the other from doing what it waits for.
  machine on(short_ones());
  patient_source source;
  const execution_result& result = on.run(source, [] {
    std::atomic<bool> done{false};
    std::thread other([&] { done = true; });
    while (!done) {
    }
    other.join();
  });
  ASSERT_EQ(result.failures.size(), 1u);
  EXPECT_EQ(result.failures[0].kind, failure_kind::step_limit);
}

TEST(Livelock, tasks_that_only_yield_are_one_and_the_polls_they_ask_for_are_no_progress) {
  const execution_result result = run_once(
      [] {
        const std::atomic<bool> never{false};
        const int task = 0;
        const hooks::task_number number = hooks::task_spawned(&task, nullptr, {});
        while (true) {
          const hooks::poll_scope poll(&task, number);
          if (never) break;
          const hooks::wake_scope again(&task);
        }
      },
      1, short_ones());
  ASSERT_EQ(result.failures.size(), 1u);
  EXPECT_EQ(result.failures[0].kind, failure_kind::livelock);
  EXPECT_THAT(result.failures[0].message, AllOf(HasSubstr("task 1 ("), HasSubstr("task poll")));
}

TEST(Livelock, a_task_that_others_wake_goes_on) {
  const execution_result result = run_once(
      [] {
        const int tasks[2]{};
        hooks::task_number numbers[2];
        for (int i = 0; i < 2; ++i) numbers[i] = hooks::task_spawned(&tasks[i], nullptr, {});
        for (int i = 0;; i = 1 - i) {
          const hooks::poll_scope poll(&tasks[i], numbers[i]);
          const hooks::wake_scope other(&tasks[1 - i]);
        }
      },
      1, short_ones());
  ASSERT_EQ(result.failures.size(), 1u);
  EXPECT_EQ(result.failures[0].kind, failure_kind::step_limit);
}

// ---------------------------------------------------------------- starvation

// Prefers the main thread.
class main_first_source final : public decision_source {
 public:
  thread_id choose_thread(const scheduling_point& point) noexcept override {
    for (const thread_id thread : point.runnable) {
      if (thread == 0) return thread;
    }
    return point.runnable.front();
  }
  std::uint32_t choose(choice_kind, std::uint32_t) noexcept override { return 0; }
};

machine_options with_starvation(std::uint64_t polls) {
  machine_options options;
  options.starvation_polls = polls;
  options.steps_max = 100'000;
  return options;
}

// A worker that polls which of three tasks `pick` says, all of them ready, as a queue with a favourite would.
template <typename Pick>
execution_result polls_of_three(Pick pick, std::uint64_t limit, failure_judge* judge = nullptr) {
  machine on(with_starvation(limit));
  on.judge_failures_by(judge);
  seeded_source source(1);
  return on.run(source, [&] {
    const int tasks[3]{};
    hooks::task_number numbers[3];
    for (int i = 0; i < 3; ++i) {
      const hooks::operation_scope spawn(hooks::operation::spawn, &tasks[i]);
      numbers[i] = hooks::task_spawned(&tasks[i], nullptr, {});
    }
    std::atomic<unsigned> work{0};
    for (unsigned turn = 0; turn < 40'000; ++turn) {
      const unsigned i = pick(turn);
      const hooks::poll_scope poll(&tasks[i], numbers[i]);
      work.fetch_add(1);
      const hooks::wake_scope again(&tasks[i]);
    }
    for (const int& task : tasks) hooks::task_ended(&task, hooks::task_end::completed);
  });
}

TEST(Starvation, a_task_that_is_passed_over_is_named_with_what_ran_instead) {
  const execution_result result = polls_of_three([](unsigned turn) { return turn % 4 == 0 ? 2U : 0U; }, 1000);
  ASSERT_EQ(result.failures.size(), 1u);
  EXPECT_EQ(result.failures[0].kind, failure_kind::starvation);
  EXPECT_THAT(result.failures[0].message,
              MatchesRegex("task 2 is ready to run and was passed over by .* polls; instead ran task 1 \\(.* polls\\), "
                           "task 3 \\(.* polls\\)"));
  EXPECT_EQ(result.failures[0].task, 2u);
}

class accepting_judge final : public failure_judge {
 public:
  bool accepts(const failure&) noexcept override { return true; }
};

TEST(Starvation, is_looked_for_again_after_one_that_was_accepted) {
  accepting_judge judge;
  const execution_result result = polls_of_three([](unsigned) { return 0U; }, 1000, &judge);
  EXPECT_EQ(first_message(result), "");
  ASSERT_GE(result.accepted.size(), 2u);
  for (const failure& one : result.accepted) EXPECT_EQ(one.kind, failure_kind::starvation);
}

TEST(Starvation, turns_however_rare_are_enough) {
  const execution_result result =
      polls_of_three([](unsigned turn) { return turn % 500 == 0   ? 1U
                                                : turn % 500 == 1 ? 2U
                                                                  : 0U; }, 1000);
  EXPECT_EQ(first_message(result), "");
  // Each is passed over for long enough to be watched, and had a turn when it is looked at again.
  const execution_result rarer =
      polls_of_three([](unsigned turn) { return turn % 1500 < 2 ? turn % 1500 + 1 : 0U; }, 1000);
  EXPECT_EQ(first_message(rarer), "");
}

TEST(Starvation, of_many_ready_tasks_each_may_wait_for_all_the_others) {
  const execution_result result = run_once(
      [] {
        constexpr std::size_t count = 3000;
        const std::vector<char> tasks(count);
        std::vector<hooks::task_number> numbers;
        for (const char& task : tasks) numbers.push_back(hooks::task_spawned(&task, nullptr, {}));
        for (std::size_t turn = 0; turn < 4 * count; ++turn) {
          const hooks::poll_scope poll(&tasks[turn % count], numbers[turn % count]);
          const hooks::wake_scope again(&tasks[turn % count]);
        }
      },
      1, with_starvation(1000));
  EXPECT_EQ(first_message(result), "");
}

TEST(Starvation, is_not_looked_for_unless_asked) {
  const execution_result result = polls_of_three([](unsigned) { return 0U; }, 0);
  EXPECT_EQ(first_message(result), "");
}

TEST(Starvation, a_worker_that_is_not_given_its_turns_starves_nobody) {
  // The second worker has polled once, and holds the ready task; the strategy prefers the first.
  machine on(with_starvation(1000));
  main_first_source source;
  const execution_result& result = on.run(source, [] {
    const int tasks[2]{};
    hooks::task_number numbers[2];
    for (int i = 0; i < 2; ++i) numbers[i] = hooks::task_spawned(&tasks[i], nullptr, {});
    const auto poll_once = [&](int i) {
      const hooks::poll_scope poll(&tasks[i], numbers[i]);
      const hooks::wake_scope again(&tasks[i]);
    };
    std::atomic<bool> begun{false};
    std::thread worker([&] {
      poll_once(1);
      begun = true;
      begun.notify_one();
      poll_once(1);
    });
    begun.wait(false);
    for (int turn = 0; turn < 10'000; ++turn) poll_once(0);
    worker.join();
  });
  EXPECT_EQ(first_message(result), "");
}

// ---------------------------------------------------------------- long polls

execution_result polls_with_points(unsigned points, std::uint64_t limit, granularity level = granularity::sync,
                                   failure_judge* judge = nullptr) {
  machine_options options;
  options.poll_steps_max = limit;
  options.level = level;
  machine on(options);
  on.judge_failures_by(judge);
  seeded_source source(1);
  return on.run(source, [&] {
    const int task = 0;
    const hooks::task_number number = hooks::task_spawned(&task, nullptr, {});
    std::atomic<unsigned> work{0};
    for (int polls = 0; polls < 5; ++polls) {
      const hooks::poll_scope poll(&task, number);
      for (unsigned i = 0; i < points; ++i) work.fetch_add(1);
    }
    hooks::task_ended(&task, hooks::task_end::completed);
  });
}

TEST(LongPoll, a_poll_that_takes_more_points_than_allowed_is_found_while_it_goes_on) {
  const execution_result result = polls_with_points(100'000, 3000);
  ASSERT_EQ(result.failures.size(), 1u);
  EXPECT_EQ(result.failures[0].kind, failure_kind::long_poll);
  EXPECT_THAT(result.failures[0].message, HasSubstr("a poll of task 1 takes more than 3000 scheduling points"));
  EXPECT_LT(result.steps, 6000u);
  EXPECT_EQ(result.failures[0].task, 1u);
}

TEST(LongPoll, the_end_of_a_poll_is_looked_at_too) {
  const execution_result result = polls_with_points(150, 100);
  ASSERT_EQ(result.failures.size(), 1u);
  EXPECT_EQ(result.failures[0].kind, failure_kind::long_poll);
}

TEST(LongPoll, is_found_again_after_one_that_was_accepted_when_it_has_taken_as_long_again) {
  accepting_judge judge;
  const execution_result result = polls_with_points(20'000, 5000, granularity::sync, &judge);
  EXPECT_EQ(first_message(result), "");
  EXPECT_GE(result.accepted.size(), 5u);   // polls
  EXPECT_LE(result.accepted.size(), 20u);  // one for each 5,000 points of them
}

TEST(LongPoll, polls_within_the_limit_may_be_many) {
  EXPECT_EQ(first_message(polls_with_points(2900, 3000)), "");
  EXPECT_EQ(first_message(polls_with_points(10'000, 0)), "");
  EXPECT_EQ(first_message(polls_with_points(10'000, 3000, granularity::memory)), "");
}

TEST(LongPoll, what_other_threads_do_meanwhile_does_not_count) {
  machine_options options;
  options.poll_steps_max = 1000;
  const execution_result result = run_once(
      [] {
        std::atomic<unsigned> work{0};
        std::atomic<bool> stop{false};
        std::thread busy([&] {
          while (!stop) work.fetch_add(1);
        });
        const int task = 0;
        const hooks::task_number number = hooks::task_spawned(&task, nullptr, {});
        for (int polls = 0; polls < 20; ++polls) {
          const hooks::poll_scope poll(&task, number);
          for (int i = 0; i < 900; ++i) work.fetch_add(1);
        }
        hooks::task_ended(&task, hooks::task_end::completed);
        stop = true;
        busy.join();
      },
      1, options);
  EXPECT_EQ(first_message(result), "");
}

TEST(LongPoll, is_none_where_blocking_is_allowed) {
  machine_options options;
  options.poll_steps_max = 1000;
  const execution_result result = run_once(
      [] {
        const int task = 0;
        const hooks::task_number number = hooks::task_spawned(&task, nullptr, {});
        const hooks::poll_scope poll(&task, number);
        const hooks::blocking_scope meant;
        std::atomic<unsigned> work{0};
        for (int i = 0; i < 5000; ++i) work.fetch_add(1);
      },
      1, options);
  EXPECT_EQ(first_message(result), "");
}

// ---------------------------------------------------------------- values bound to their thread

TEST(ThreadAffinity, a_use_on_another_thread_is_found_on_plain_threads_too) {
  const execution_result result = run_once([] {
    const int value = 0;
    hooks::value_bound(&value);
    hooks::value_used(&value, hooks::value_use::used);
    std::thread([&] { hooks::value_used(&value, hooks::value_use::used); }).join();
  });
  ASSERT_EQ(result.failures.size(), 1u);
  EXPECT_EQ(result.failures[0].kind, failure_kind::thread_affinity);
  EXPECT_EQ(result.failures[0].message, "thread 1 uses a value that is bound to thread 0");
  ASSERT_EQ(result.failures[0].related.size(), 1u);
  EXPECT_EQ(result.failures[0].related[0].title, "thread 0, where it made the value");
}

TEST(ThreadAffinity, a_value_that_is_gone_leaves_its_address_to_others) {
  const execution_result result = run_once([] {
    const int value = 0;
    hooks::value_bound(&value);
    hooks::value_gone(&value);
    std::thread([&] {
      hooks::value_used(&value, hooks::value_use::used);
      hooks::value_bound(&value);
      hooks::value_used(&value, hooks::value_use::used);
    }).join();
  });
  EXPECT_EQ(first_message(result), "");
}

TEST(ThreadAffinity, the_suspension_at_which_the_task_moved_is_named) {
  const execution_result result = run_once([] {
    const int value = 0;
    const int task = 0;
    const hooks::task_number number = hooks::task_spawned(&task, nullptr, {});
    {
      const hooks::poll_scope poll(&task, number);
      hooks::value_bound(&value);
      hooks::await_begins({.file = "moves.cpp", .function = "moves", .line = 12});
    }
    std::thread([&] {
      const hooks::poll_scope poll(&task, number);
      hooks::await_ends();
      hooks::value_used(&value, hooks::value_use::destroyed);
    }).join();
  });
  ASSERT_EQ(result.failures.size(), 1u);
  EXPECT_EQ(result.failures[0].message,
            "task 1 on thread 1 destroys a value that is bound to thread 0, which the task has left at a suspension");
  ASSERT_EQ(result.failures[0].related.size(), 2u);
  EXPECT_EQ(result.failures[0].related[1].place.line, 12u);
}

TEST(ThreadAffinity, a_task_that_moves_leaves_no_value_of_another) {
  const execution_result result = run_once([] {
    const int value = 0;
    const int tasks[2]{};
    hooks::task_number numbers[2];
    for (int i = 0; i < 2; ++i) numbers[i] = hooks::task_spawned(&tasks[i], nullptr, {});
    {
      const hooks::poll_scope poll(&tasks[0], numbers[0]);
      hooks::value_bound(&value);
    }
    {
      const hooks::poll_scope poll(&tasks[1], numbers[1]);
      hooks::await_begins({.file = "moves.cpp", .function = "moves", .line = 12});
    }
    std::thread([&] {
      const hooks::poll_scope poll(&tasks[1], numbers[1]);
      hooks::await_ends();
      hooks::value_used(&value, hooks::value_use::used);
    }).join();
  });
  EXPECT_EQ(first_message(result), "task 2 on thread 1 uses a value that is bound to thread 0");
}

}  // namespace
}  // namespace heddle::sim::testing
