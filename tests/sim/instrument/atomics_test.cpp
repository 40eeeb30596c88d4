// The second door: atomic operations of instrumented code are scheduling points, of every size and
// kind, and compute what they should.
#include "../support.hpp"

#include <atomic>
#include <cstdint>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace heddle::sim::testing {
namespace {

template <typename T>
class Atomics : public ::testing::Test {};

__extension__ using wide = unsigned __int128;
using all_sizes = ::testing::Types<std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t, wide>;
TYPED_TEST_SUITE(Atomics, all_sizes);

template <typename T>
void use_every_operation() {
  alignas(16) T object = 5;
  T* const a = &object;
  constexpr int order = __ATOMIC_SEQ_CST;
  check(__atomic_load_n(a, order) == 5, "load");
  __atomic_store_n(a, T{6}, order);
  check(__atomic_exchange_n(a, T{12}, order) == 6, "exchange");
  check(__atomic_fetch_add(a, T{3}, order) == 12, "fetch_add");
  check(__atomic_fetch_sub(a, T{1}, order) == 15, "fetch_sub");
  check(__atomic_fetch_and(a, T{6}, order) == 14, "fetch_and");
  check(__atomic_fetch_or(a, T{9}, order) == 6, "fetch_or");
  check(__atomic_fetch_xor(a, T{5}, order) == 15, "fetch_xor");
  check(__atomic_fetch_nand(a, T{2}, order) == 10, "fetch_nand");
  T expected = 1;
  check(!__atomic_compare_exchange_n(a, &expected, T{2}, false, order, order), "compare_exchange that must fail");
  check(expected == static_cast<T>(~T{2}), "the value seen by a failed compare_exchange");
  check(__atomic_compare_exchange_n(a, &expected, T{2}, true, order, order), "compare_exchange that must succeed");
  check(__atomic_load_n(a, order) == 2, "the value after compare_exchange");
}

TYPED_TEST(Atomics, compute_what_they_should_and_are_scheduling_points) {
  const execution_result inside = run_once([] { use_every_operation<TypeParam>(); });
  EXPECT_EQ(first_message(inside), "");
  EXPECT_EQ(inside.steps, 12u);
}

TYPED_TEST(Atomics, lose_updates_when_load_and_store_are_apart) {
  std::set<int> outcomes;
  run_schedules(100, [&] {
    alignas(16) TypeParam counter = 0;
    const auto add = [&] {
      const TypeParam seen = __atomic_load_n(&counter, __ATOMIC_SEQ_CST);
      __atomic_store_n(&counter, static_cast<TypeParam>(seen + 1), __ATOMIC_SEQ_CST);
    };
    std::thread one(add);
    std::thread two(add);
    one.join();
    two.join();
    const host_scope host;
    outcomes.insert(static_cast<int>(counter));
  });
  // Each outcome has a chance above 1/5 a schedule: missing one has odds below 0.8^100.
  EXPECT_EQ(outcomes, (std::set<int>{1, 2}));
}

TYPED_TEST(Atomics, never_lose_updates_when_they_are_one_operation) {
  const summary all = run_schedules(100, [] {
    alignas(16) TypeParam counter = 0;
    const auto add = [&] { __atomic_fetch_add(&counter, TypeParam{1}, __ATOMIC_SEQ_CST); };
    std::thread one(add);
    std::thread two(add);
    one.join();
    two.join();
    check(counter == 2, "lost");
  });
  EXPECT_EQ(all.failed, 0u);
}

// What became of the compare-exchanges of executions with `memory` weak or not, by the kinds of their events.
class compare_observer final : public event_observer {
 public:
  void on_event(const event& what, std::uintptr_t) noexcept override {
    if (what.kind == operation_kind::atomic_update || what.kind == operation_kind::compare_failure)
      kinds.push_back(what.kind);
  }
  std::vector<operation_kind> kinds;
};
template <typename Body>
std::vector<operation_kind> comparisons(bool weak, std::uint64_t seed, Body body) {
  machine on({.weak_memory = weak});
  seeded_source source(seed);
  compare_observer observer;
  EXPECT_EQ(first_message(on.run(source, body, &observer)), "");
  return observer.kinds;
}

TEST(CompareExchange, that_fails_has_an_event_of_its_own) {
  for (const bool weak : {false, true}) {
    const auto kinds = comparisons(weak, 1, [] {
      std::atomic<int> word{0};
      std::thread([&word] {
        int expected = 1;
        check(!word.compare_exchange_strong(expected, 2), "there is 0");
        check(word.compare_exchange_strong(expected, 2), "0 was seen");
      }).join();
    });
    EXPECT_EQ(kinds, (std::vector{operation_kind::compare_failure, operation_kind::atomic_update})) << weak;
  }
}

// It may succeed, and is a change for those who want to know its order with others.
TEST(CompareExchange, that_may_read_several_stores_is_an_update) {
  std::set<operation_kind> seen;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    for (const operation_kind kind : comparisons(true, seed, [] {
           std::atomic<int> word{0};
           std::thread other([&word] { word.store(1, std::memory_order_relaxed); });
           int expected = 2;
           word.compare_exchange_strong(expected, 3, std::memory_order_relaxed);
           other.join();
         }))
      seen.insert(kind);
  }
  // Whether the store comes first is a matter of even odds: 2^-49 to see only one.
  EXPECT_EQ(seen, (std::set{operation_kind::compare_failure, operation_kind::atomic_update}));
}

TEST(Granularity, memory_makes_plain_accesses_points) {
  const auto lose = [](granularity level) {
    std::set<int> outcomes;
    machine_options options;
    options.level = level;
    run_schedules(
        100,
        [&] {
          volatile int counter = 0;
          const auto add = [&] { counter = counter + 1; };
          std::thread one(add);
          std::thread two(add);
          one.join();
          two.join();
          const int result = counter;
          const host_scope host;
          outcomes.insert(result);
        },
        options);
    return outcomes;
  };
  EXPECT_EQ(lose(granularity::sync), (std::set<int>{2}));
  EXPECT_EQ(lose(granularity::memory), (std::set<int>{1, 2}));
}

TEST(Granularity, task_leaves_out_points_that_do_not_block) {
  machine_options options;
  options.level = granularity::task;
  const execution_result result = run_once(
      [] {
        std::atomic<int> count{0};
        for (int i = 0; i < 10; ++i) count.fetch_add(1);
      },
      1, options);
  EXPECT_EQ(result.steps, 0u);
}

std::atomic<int> bottom{0};

[[gnu::noinline]] int deep(int depth) {
  if (depth == 0) note_failure(failure_kind::assertion, "at the bottom");
  if (depth == 0) return 0;
  const int below = deep(depth - 1);
  // What follows the call keeps it from becoming a loop.
  bottom.store(below);
  return bottom.load();
}

TEST(ShadowStack, holds_a_frame_for_each_call) {
  const execution_result result = run_once([] { deep(20); });
  ASSERT_EQ(result.failures.size(), 1u);
  EXPECT_GE(result.failures[0].stack.size(), 21u);
}

TEST(ShadowStack, is_popped_when_an_exception_unwinds) {
  const auto depth_after = [](bool unwind) {
    const execution_result result = run_once([unwind] {
      const auto thrower = [](auto& self, int depth) -> void {
        if (depth == 0) throw 1;
        self(self, depth - 1);
      };
      for (int i = 0; unwind && i < 10; ++i) {
        try {
          thrower(thrower, 10);
        } catch (int) {
          continue;
        }
      }
      fail_execution(failure_kind::assertion, "look at my stack");
    });
    return result.failures.at(0).stack.size();
  };
  EXPECT_EQ(depth_after(true), depth_after(false));
}

}  // namespace
}  // namespace heddle::sim::testing
