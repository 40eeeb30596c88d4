// What docs/limits.md says the machine does not see or do. A test that begins to fail here is good news:
// the limit is gone, and its line with it.
#include "support.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

namespace heddle::sim::testing {
namespace {

// Threads one after the other, and the oldest store that may be read.
class backward_source final : public decision_source {
 public:
  thread_id choose_thread(const scheduling_point& point) noexcept override {
    return *std::min_element(point.runnable.begin(), point.runnable.end());
  }
  std::uint32_t choose(choice_kind kind, std::uint32_t candidates) noexcept override {
    return kind == choice_kind::read_from ? candidates - 1 : 0;
  }
};

TEST(Limits, of_the_stores_to_a_word_the_newest_16_can_be_read) {
  int seen = 0;
  machine_options options;
  options.weak_memory = true;
  machine on(options);
  backward_source source;
  on.run(source, [&] {
    std::atomic<int> word{0};
    std::thread writer([&] {
      for (int i = 1; i <= 40; ++i) word.store(i, std::memory_order_relaxed);
    });
    std::thread reader([&] { seen = word.load(std::memory_order_relaxed); });
    writer.join();
    reader.join();
  });
  EXPECT_EQ(seen, 25);
}

TEST(Limits, a_data_race_is_not_reported_where_it_is_not_asked_for) {
  const summary all = run_schedules(100, [] {
    volatile int shared = 0;
    std::thread one([&] { shared = 1; });
    std::thread two([&] { shared = 2; });
    one.join();
    two.join();
  });
  EXPECT_EQ(all.failed, 0u);
}

// Waits for a plain variable; another thread would set it.
void spin_without_a_scheduling_point() {
  volatile bool set = false;
  std::thread setter([&] { set = true; });
  while (!set) {
  }
  setter.join();
}

TEST(Limits, a_loop_that_reads_a_plain_variable_is_stuck_unless_accesses_are_points) {
  machine_options options;
  options.stuck_after = std::chrono::seconds{1};
  {
    machine coarse(options);
    patient_source source;
    const execution_result& stuck = coarse.run(source, [] { spin_without_a_scheduling_point(); });
    ASSERT_EQ(stuck.failures.size(), 1u);
    EXPECT_EQ(stuck.failures[0].kind, failure_kind::step_limit);
  }

  options.level = granularity::memory;
  const summary fine = run_schedules(20, &spin_without_a_scheduling_point, options);
  EXPECT_EQ(fine.failed, 0u);
}

// The reader waits inside libc with the OS thread, so no other thread of the execution runs meanwhile, and only another
// OS thread can end the wait.
TEST(Limits, reading_a_stream_holds_up_every_thread_of_the_execution) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  std::FILE* const stream = fdopen(ends[0], "r");
  std::atomic<bool> about_to_read{false};
  std::thread outside([&] {
    about_to_read.wait(false);
    EXPECT_EQ(write(ends[1], "o", 1), 1);
  });
  bool other_ran = false;
  int got = 0;
  machine on({});
  patient_source source;
  const execution_result result = on.run(source, [&] {
    std::thread other([&] { other_ran = true; });
    about_to_read = true;
    {
      const host_scope notifying;
      about_to_read.notify_one();
    }
    got = std::fgetc(stream);
    check(!other_ran, "another thread ran while one waited in libc");
    other.join();
  });
  outside.join();
  std::fclose(stream);
  close(ends[1]);
  EXPECT_EQ(first_message(result), "");
  EXPECT_EQ(got, 'o');
}

}  // namespace
}  // namespace heddle::sim::testing
