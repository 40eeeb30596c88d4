// What docs/limits.md says the machine does not see or do. A test that begins to fail here is good news:
// the limit is gone, and its line with it.
#include "support.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace heddle::sim::testing
