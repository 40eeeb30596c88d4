#include "../support.hpp"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <pthread.h>

namespace heddle::sim::testing {
namespace {

void lose_an_update(int& final_value) {
  std::atomic<int> counter{0};
  const auto increment = [&] { counter.store(counter.load() + 1); };
  std::thread first(increment);
  std::thread second(increment);
  first.join();
  second.join();
  final_value = counter.load();
}

TEST(Execution, the_same_seed_gives_the_same_events) {
  int value = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const execution_result first = run_once([&] { lose_an_update(value); }, seed);
    const int first_value = value;
    const execution_result second = run_once([&] { lose_an_update(value); }, seed);
    EXPECT_EQ(first.event_hash, second.event_hash) << "seed " << seed;
    EXPECT_EQ(first.steps, second.steps);
    EXPECT_EQ(first_value, value);
  }
}

TEST(Execution, different_seeds_reach_both_outcomes_of_a_lost_update) {
  std::set<int> outcomes;
  const summary all = run_schedules(200, [&] {
    int value = 0;
    lose_an_update(value);
    const host_scope host;
    outcomes.insert(value);
  });
  // Each outcome has a chance above 1/4 a schedule: missing one has odds below 0.75^200.
  EXPECT_EQ(outcomes, (std::set<int>{1, 2}));
  EXPECT_GT(all.hashes.size(), 5u);
}

TEST(Execution, a_schedule_without_preemption_loses_no_update) {
  machine on({});
  patient_source source;
  int value = 0;
  on.run(source, [&] { lose_an_update(value); });
  EXPECT_EQ(value, 2);
}

TEST(Execution, a_deadlock_names_the_holder_of_each_lock) {
  const summary all = run_schedules(200, [] {
    pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
    const auto both = [](pthread_mutex_t& first, pthread_mutex_t& second) {
      pthread_mutex_lock(&first);
      pthread_mutex_lock(&second);
      pthread_mutex_unlock(&second);
      pthread_mutex_unlock(&first);
    };
    std::thread one([&] { both(a, b); });
    std::thread two([&] { both(b, a); });
    one.join();
    two.join();
  });
  ASSERT_GT(all.failed, 0u);
  ASSERT_LT(all.failed, all.schedules);
  const failure& found = all.failures.front();
  EXPECT_EQ(found.kind, failure_kind::deadlock);
  ASSERT_EQ(found.threads.size(), 3u);
  EXPECT_EQ(found.threads[0].waiting_for, "the end of thread 1");
  EXPECT_TRUE(found.threads[1].waiting_for.find(", held by thread 2") != std::string::npos)
      << found.threads[1].waiting_for;
  EXPECT_TRUE(found.threads[2].waiting_for.find(", held by thread 1") != std::string::npos)
      << found.threads[2].waiting_for;
}

TEST(Execution, locks_taken_in_one_order_never_deadlock) {
  const summary all = run_schedules(300, [] {
    pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
    const auto both = [&] {
      pthread_mutex_lock(&a);
      pthread_mutex_lock(&b);
      pthread_mutex_unlock(&b);
      pthread_mutex_unlock(&a);
    };
    std::thread one(both);
    std::thread two(both);
    one.join();
    two.join();
  });
  EXPECT_EQ(all.failed, 0u);
}

TEST(Execution, an_abandoned_execution_leaves_nothing_locked_for_the_next) {
  static pthread_mutex_t shared = PTHREAD_MUTEX_INITIALIZER;
  machine on({});
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    seeded_source source(seed);
    const execution_result& result = on.run(source, [] {
      pthread_mutex_lock(&shared);
      fail_execution(failure_kind::assertion, "with the lock held");
    });
    ASSERT_EQ(first_message(result), "with the lock held");
    EXPECT_TRUE(result.abandoned);
  }
}

TEST(Execution, a_noted_failure_lets_the_execution_go_on) {
  bool reached = false;
  const execution_result result = run_once([&] {
    note_failure(failure_kind::assertion, "one", "file.cpp", 7);
    reached = true;
  });
  EXPECT_TRUE(reached);
  EXPECT_FALSE(result.abandoned);
  ASSERT_EQ(result.failures.size(), 1u);
  EXPECT_STREQ(result.failures[0].file, "file.cpp");
  EXPECT_EQ(result.failures[0].line, 7u);
}

TEST(Execution, the_step_limit_names_its_option) {
  machine_options options;
  options.steps_max = 5'000;
  const execution_result result = run_once(
      [] {
        std::atomic<unsigned> count{0};
        for (;;) count.fetch_add(1);
      },
      1, options);
  ASSERT_EQ(result.failures.size(), 1u);
  EXPECT_EQ(result.failures[0].kind, failure_kind::step_limit);
  EXPECT_NE(first_message(result).find("options::steps_max"), std::string::npos);
  EXPECT_EQ(result.steps, 5'000u);
}

TEST(Execution, threads_beyond_the_limit_are_a_failure_that_names_its_option) {
  machine_options options;
  options.threads_max = 8;
  const execution_result result = run_once(
      [] {
        for (;;) std::thread([] {}).detach();
      },
      1, options);
  EXPECT_NE(first_message(result).find("options::threads_max"), std::string::npos);
}

TEST(Execution, threads_may_come_and_go_without_end_when_the_limit_allows) {
  machine_options options;
  options.threads_max = 20'000;
  const execution_result result = run_once(
      [] {
        for (int i = 0; i < 10'000; ++i) std::thread([] {}).join();
      },
      1, options);
  EXPECT_EQ(first_message(result), "");
  EXPECT_EQ(result.threads, 10'001u);
}

TEST(Execution, detached_threads_finish_what_they_can_before_the_end) {
  static std::atomic<int> done;
  const summary all = run_schedules(50, [] {
    done = 0;
    std::thread([] { done = 1; }).detach();
  });
  EXPECT_EQ(all.failed, 0u);
  EXPECT_EQ(done.load(), 1);
}

TEST(Execution, a_detached_thread_that_waits_for_ever_does_not_keep_the_execution) {
  const summary all = run_schedules(20, [] {
    std::thread([] {
      std::atomic<bool> never{false};
      never.wait(false);
    }).detach();
  });
  EXPECT_EQ(all.failed, 0u);
}

TEST(Execution, choices_are_decisions) {
  std::set<std::uint32_t> seen;
  machine on({});
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    seeded_source source(seed);
    std::uint32_t choice = 0;
    on.run(source, [&] { choice = choose(choice_kind::test, 3); });
    seen.insert(choice);
  }
  EXPECT_EQ(seen, (std::set<std::uint32_t>{0, 1, 2}));
}

class recorder final : public event_observer {
 public:
  void on_event(const event& what, std::uintptr_t) noexcept override { events.push_back(what); }
  std::vector<event> events;
};

TEST(Execution, observers_see_every_event_and_may_allocate) {
  machine on({});
  seeded_source source(3);
  recorder seen;
  int value = 0;
  const execution_result& result = on.run(source, [&] { lose_an_update(value); }, &seen);
  // Start of three threads, two creations, five atomic operations, two joins, three exits.
  EXPECT_EQ(seen.events.size(), 15u);
  EXPECT_EQ(result.threads, 3u);
}

TEST(Execution, memory_that_outlives_an_execution_stays_valid) {
  std::vector<std::unique_ptr<std::string>> kept;
  machine on({});
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    seeded_source source(seed);
    on.run(source, [&] {
      const std::string scratch(1000, 'x');
      auto made = std::make_unique<std::string>("made in an execution, number " + std::to_string(seed) + " of them");
      const host_scope host;
      kept.push_back(std::move(made));
    });
  }
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    EXPECT_EQ(*kept[seed - 1], "made in an execution, number " + std::to_string(seed) + " of them");
  }
}

}  // namespace
}  // namespace heddle::sim::testing
