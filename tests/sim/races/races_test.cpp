// Data races of whole programs: each means of order makes them none, and nothing else does.
#include "../memory_model/edges.hpp"
#include "../support.hpp"

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

namespace heddle::sim::testing {
namespace {

machine_options with_races(bool weak_memory = true) {
  machine_options options;
  options.races = true;
  options.weak_memory = weak_memory;
  return options;
}

// Schedules of 50 that end in a data race; any other failure counts as all of them.
std::uint64_t races_of(const std::function<void()>& body, machine_options options = with_races()) {
  std::uint64_t races = 0;
  machine on(options);
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    seeded_source source(seed);
    const execution_result& one = on.run(source, body);
    if (one.failures.empty()) continue;
    EXPECT_EQ(one.failures.front().kind, failure_kind::data_race) << one.failures.front().message;
    ++races;
  }
  return races;
}

class EdgeOfRaces : public ::testing::TestWithParam<edge> {};

TEST_P(EdgeOfRaces, orders_plain_accesses_exactly_if_it_happens_before) {
  for (const bool weak_memory : {true, false}) {
    const std::uint64_t races = races_of(
        [] {
          auto datum = std::make_unique<int>(0);
          GetParam().run([&] { *datum = 1; }, [&] { static_cast<void>(*static_cast<volatile int*>(datum.get())); });
        },
        with_races(weak_memory));
    if (GetParam().happens_before) {
      EXPECT_EQ(races, 0u);
    } else {
      // In every schedule in which both are made: half of them at the least.
      EXPECT_GE(races, 10u);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Means, EdgeOfRaces, ::testing::ValuesIn(edges()),
                         [](const auto& one) { return std::string(one.param.name); });

// ---------------------------------------------------------------- atomic operations as order

struct handover {
  const char* name;
  std::memory_order store;
  std::memory_order load;
  bool orders;

  friend std::ostream& operator<<(std::ostream& out, const handover& one) { return out << one.name; }
};

class Handover : public ::testing::TestWithParam<handover> {};

TEST_P(Handover, orders_what_comes_before_exactly_if_it_releases_and_acquires) {
  for (const bool weak_memory : {true, false}) {
    const std::uint64_t races = races_of(
        [] {
          int datum = 0;
          std::atomic<bool> ready{false};
          two_threads(
              [&] {
                datum = 1;
                ready.store(true, GetParam().store);
              },
              [&] {
                if (ready.load(GetParam().load)) check(*static_cast<volatile int*>(&datum) == 1, "overlooked");
              });
        },
        with_races(weak_memory));
    if (GetParam().orders) {
      EXPECT_EQ(races, 0u);
    } else {
      EXPECT_GT(races, 0u);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Orders, Handover,
    ::testing::Values(handover{"Relaxed", std::memory_order_relaxed, std::memory_order_relaxed, false},
                      handover{"ReleaseOnly", std::memory_order_release, std::memory_order_relaxed, false},
                      handover{"AcquireOnly", std::memory_order_relaxed, std::memory_order_acquire, false},
                      handover{"ReleaseAcquire", std::memory_order_release, std::memory_order_acquire, true},
                      handover{"SequentiallyConsistent", std::memory_order_seq_cst, std::memory_order_seq_cst, true}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(Fences, order_plain_accesses_around_relaxed_operations) {
  const auto races = [](bool fenced) {
    return races_of([fenced] {
      int datum = 0;
      std::atomic<bool> ready{false};
      two_threads(
          [&] {
            datum = 1;
            if (fenced) std::atomic_thread_fence(std::memory_order_release);
            ready.store(true, std::memory_order_relaxed);
          },
          [&] {
            if (!ready.load(std::memory_order_relaxed)) return;
            if (fenced) std::atomic_thread_fence(std::memory_order_acquire);
            check(*static_cast<volatile int*>(&datum) == 1, "overlooked");
          });
    });
  };
  EXPECT_EQ(races(true), 0u);
  EXPECT_GT(races(false), 0u);
}

// Two seq_cst fences make stores visible, and order nothing.
TEST(Fences, of_two_threads_alone_do_not_order_plain_accesses) {
  EXPECT_EQ(races_of([] {
              auto datum = std::make_unique<int>(0);
              const auto use = [&] {
                std::atomic_thread_fence(std::memory_order_seq_cst);
                *datum = 1;
                std::atomic_thread_fence(std::memory_order_seq_cst);
              };
              two_threads(use, use);
            }),
            50u);
}

TEST(ReferenceCount, with_acquire_and_release_orders_the_last_owner_after_all) {
  const auto races = [](std::memory_order decrement) {
    return races_of([decrement] {
      struct counted {
        std::atomic<int> owners{2};
        int value = 0;
      };
      auto* const shared = new counted;
      const auto drop = [=] {
        static_cast<void>(*static_cast<volatile int*>(&shared->value));
        if (shared->owners.fetch_sub(1, decrement) == 1) delete shared;
      };
      two_threads(drop, drop);
    });
  };
  EXPECT_EQ(races(std::memory_order_acq_rel), 0u);
  EXPECT_EQ(races(std::memory_order_relaxed), 50u);
}

TEST(ReferenceCount, of_shared_pointers_is_no_race) {
  EXPECT_EQ(races_of([] {
              auto shared = std::make_shared<std::vector<int>>(3, 1);
              std::thread one([mine = shared] { static_cast<void>(mine->at(0)); });
              std::thread two([mine = shared] { static_cast<void>(mine->at(1)); });
              shared.reset();
              one.join();
              two.join();
            }),
            0u);
}

// ---------------------------------------------------------------- what is compared

TEST(Races, between_a_plain_and_an_atomic_access_count) {
  EXPECT_EQ(races_of([] {
              auto word = std::make_unique<int>(0);
              two_threads([&] { __atomic_store_n(word.get(), 1, __ATOMIC_SEQ_CST); }, [&] { *word = 2; });
            }),
            50u);
}

TEST(Races, between_atomic_operations_are_none) {
  EXPECT_EQ(races_of([] {
              std::atomic<int> word{0};
              const auto use = [&] { word.fetch_add(1, std::memory_order_relaxed); };
              two_threads(use, use);
            }),
            0u);
}

TEST(Races, of_neighbouring_members_are_none) {
  EXPECT_EQ(races_of([] {
              struct pair {
                char first;
                char second;
              };
              auto both = std::make_unique<std::array<pair, 3>>();
              two_threads(
                  [&] {
                    for (pair& one : *both) one.first = 1;
                  },
                  [&] {
                    for (pair& one : *both) one.second = 1;
                  });
            }),
            0u);
}

TEST(Races, of_copied_and_filled_memory_are_found) {
  EXPECT_EQ(races_of([] {
              // A few bytes, or a number of them that is known, g++ makes instructions of, which it does not show.
              const volatile std::size_t few = 8;
              std::vector<char> from(100);
              std::vector<char> to(100);
              two_threads([&] { std::memcpy(to.data(), from.data(), to.size()); },
                          [&] { std::memset(from.data() + 64, 1, few); });
            }),
            50u);
}

TEST(Races, with_the_freeing_of_a_block_are_found) {
  EXPECT_EQ(races_of([] {
              auto* const block = static_cast<int*>(std::malloc(sizeof(int)));
              std::atomic<bool> used{false};
              two_threads(
                  [&] {
                    *block = 1;
                    used.store(true, std::memory_order_relaxed);
                  },
                  [&] {
                    while (!used.load(std::memory_order_relaxed)) std::this_thread::yield();
                    std::free(block);
                  });
            }),
            50u);
}

TEST(Races, memory_that_is_allocated_again_begins_anew) {
  machine_options options = with_races();
  options.quarantine_bytes_max = 0;
  EXPECT_EQ(races_of(
                [] {
                  const auto use = [] {
                    for (int i = 0; i < 20; ++i) *std::make_unique<int>(1) = i;
                  };
                  two_threads(use, use);
                },
                options),
            0u);
}

TEST(Races, a_stack_that_is_used_again_begins_anew) {
  EXPECT_EQ(races_of([] {
              for (int i = 0; i < 5; ++i) {
                std::atomic<int>* const none = nullptr;
                std::thread([&none] {
                  int local = 0;
                  int* volatile escaped = &local;
                  *escaped = none == nullptr ? 1 : 2;
                }).detach();
                std::this_thread::yield();
              }
            }),
            0u);
}

thread_local int own = 0;

TEST(Races, of_thread_locals_are_none) {
  EXPECT_EQ(races_of([] {
              const auto use = [] {
                for (int i = 0; i < 3; ++i) own += i;
              };
              two_threads(use, use);
            }),
            0u);
}

TEST(Races, are_found_at_every_granularity) {
  for (const granularity level : {granularity::task, granularity::sync, granularity::memory, granularity::runtime}) {
    machine_options options = with_races();
    options.level = level;
    EXPECT_EQ(races_of(
                  [] {
                    auto datum = std::make_unique<int>(0);
                    two_threads([&] { *datum = 1; }, [&] { *datum = 2; });
                  },
                  options),
              50u);
    EXPECT_EQ(races_of(
                  [] {
                    auto datum = std::make_unique<int>(0);
                    std::atomic<bool> ready{false};
                    two_threads(
                        [&] {
                          *datum = 1;
                          ready.store(true);
                        },
                        [&] {
                          if (ready.load()) *datum = 2;
                        });
                  },
                  options),
              0u);
  }
}

int global = 0;

TEST(Races, name_both_accesses_and_where_the_first_was_made) {
  machine on(with_races());
  seeded_source source(1);
  const execution_result& result = on.run(
      source, [] { two_threads([] { global = 1; }, [] { static_cast<void>(*static_cast<volatile int*>(&global)); }); });
  ASSERT_EQ(result.failures.size(), 1u);
  const failure& found = result.failures.front();
  EXPECT_EQ(found.kind, failure_kind::data_race);
  EXPECT_THAT(found.message,
              ::testing::ContainsRegex("(read|write) of 4 bytes by thread [12] and (read|write) by thread [12]"));
  EXPECT_EQ(found.address, reinterpret_cast<std::uintptr_t>(&global));
  ASSERT_EQ(found.related.size(), 1u);
  EXPECT_THAT(found.related.front().title,
              ::testing::ContainsRegex("thread [12], where it (read|wrote) 4 bytes of it before"));
  EXPECT_GE(found.related.front().stack.size(), 2u);
}

}  // namespace
}  // namespace heddle::sim::testing
