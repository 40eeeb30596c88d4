// Objects that are not linearizable and the same corrected, on threads and on tasks, by their recorded histories.
#include "heddle/check/call_log.hpp"

#include "../explore/explore_on_workers.hpp"
#include "heddle/check.hpp"
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using heddle::assume_send;
using heddle::task;
using heddle::check::call_log;
using heddle::check::explore;
using heddle::check::finding_kind;
using heddle::check::options;
using heddle::check::report;
using heddle::check::testing::explore_on_workers;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Adds, and returns the sum.
struct counter_specification {
  using state = int;
  using operation = int;
  using result = int;
  static state initial() { return 0; }
  static result apply(state& now, operation by) { return now += by; }
};

struct counter_in_two_steps {
  std::atomic<int> sum{0};
  int add(int by) {
    const int seen = sum.load();
    sum.store(seen + by);
    return seen + by;
  }
};

struct counter_in_one_step {
  std::atomic<int> sum{0};
  int add(int by) { return sum.fetch_add(by) + by; }
};

using counter_log = call_log<counter_specification>;

template <typename Counter>
report two_threads_add() {
  return explore(options{}, [] {
    counter_log log(2);
    Counter tested;
    std::thread other([&] { log.record(1, 1, [&] { return tested.add(1); }); });
    log.record(0, 2, [&] { return tested.add(2); });
    other.join();
    log.check();
  });
}

TEST(CallLog, FindsALostUpdateOfThreads) {
  const report result = two_threads_add<counter_in_two_steps>();
  ASSERT_TRUE(result.failed());
  EXPECT_EQ(result.findings[0].kind, finding_kind::assertion);
  EXPECT_THAT(result.findings[0].message,
              StartsWith("no order of these calls explains what they returned\nhistory:\nclient 0"));
  EXPECT_THAT(result.findings[0].message, HasSubstr("where the specification gives 3"));
  EXPECT_THAT(result.findings[0].where.file, HasSubstr("call_log_test.cpp"));
}

TEST(CallLog, PassesAdditionsInOneStepOfThreads) {
  const report result = two_threads_add<counter_in_one_step>();
  EXPECT_FALSE(result.failed()) << result.text();
}

TEST(CallLog, AFindingIsTheSameWhateverItsHistory) {
  std::vector<std::string> signatures;
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const report result = explore(options{.seed = seed}, [seed] {
      counter_log log(1);
      for (std::uint64_t i = 0; i < seed; ++i) log.record(0, 1, [] { return 5; });
      log.check();
    });
    ASSERT_TRUE(result.failed());
    signatures.push_back(result.findings[0].signature);
  }
  EXPECT_THAT(signatures, testing::Each(signatures[0]));
}

template <typename Counter>
task<> add_as(std::uint32_t client, assume_send<counter_log*> log, assume_send<Counter*> tested) {
  const std::size_t which = log.get()->invoked(client, 1);
  const int sum = tested.get()->add(1);
  co_await heddle::yield_now();
  log.get()->returned(client, which, sum);
}

template <typename Counter>
report two_tasks_add(const options& how) {
  return explore_on_workers(
      []() -> task<> {
        counter_log log(2);
        Counter tested;
        std::vector<heddle::join_handle<void>> all;
        for (const std::uint32_t client : {0U, 1U}) {
          all.push_back(heddle::spawn(
              add_as<Counter>(client, assume_send(&log, "it is joined"), assume_send(&tested, "it is joined"))));
        }
        for (auto& each : all) co_await each;
        log.check();
      },
      how);
}

TEST(CallLog, FindsALostUpdateOfTasks) {
  EXPECT_TRUE(two_tasks_add<counter_in_two_steps>({}).failed());
}

TEST(CallLog, PassesAdditionsInOneStepOfTasks) {
  const report result = two_tasks_add<counter_in_one_step>({});
  EXPECT_FALSE(result.failed()) << result.text();
}

// The call of a task that was dropped in the middle has added, and nobody saw it return.
TEST(CallLog, ACancelledCallMayHaveTakenEffect) {
  const report result = two_tasks_add<counter_in_one_step>({.cancellations = 2});
  EXPECT_FALSE(result.failed()) << result.text();
}

// Puts a value, or gets the one of the key.
struct map_specification {
  using state = int;
  struct operation {
    int key_of;
    int put;  // 0 gets
  };
  using result = int;
  static state initial() { return 0; }
  static result apply(state& now, const operation& what) { return what.put != 0 ? now = what.put : now; }
  static int key(const operation& what) { return what.key_of; }
  static std::string text(const operation& what) {
    return what.put != 0 ? "put(" + std::to_string(what.key_of) + ", " + std::to_string(what.put) + ")"
                         : "get(" + std::to_string(what.key_of) + ")";
  }
  static std::string text(result got) { return std::to_string(got); }
};

// Keeps the last value of each key that was got, and forgets it only of the first key.
class map_with_stale_cache {
 public:
  explicit map_with_stale_cache(bool forgets) : forgets_(forgets) {}

  int call(const map_specification::operation& what) {
    const std::lock_guard held(mutex_);
    if (what.put != 0) {
      if (what.key_of == 0 || forgets_) cache_.erase(what.key_of);
      return values_[what.key_of] = what.put;
    }
    return cache_.try_emplace(what.key_of, values_[what.key_of]).first->second;
  }

 private:
  const bool forgets_;
  std::mutex mutex_;
  std::map<int, int> values_;
  std::map<int, int> cache_;
};

report two_threads_use_a_map(bool forgets) {
  return explore(options{}, [forgets] {
    call_log<map_specification> log(2);
    map_with_stale_cache tested(forgets);
    const auto call = [&](std::uint32_t client, map_specification::operation what) {
      log.record(client, what, [&] { return tested.call(what); });
    };
    std::thread other([&] {
      call(1, {1, 0});
      call(1, {0, 0});
      call(1, {1, 0});
    });
    call(0, {0, 5});
    call(0, {1, 6});
    call(0, {1, 0});
    other.join();
    log.check();
  });
}

TEST(CallLog, FindsAStaleCacheAndDrawsTheCallsOfItsKeyAlone) {
  const report result = two_threads_use_a_map(false);
  ASSERT_TRUE(result.failed());
  EXPECT_THAT(result.findings[0].message, HasSubstr("put(1, 6) -> 6"));
  EXPECT_THAT(result.findings[0].message, Not(HasSubstr("(0")));
}

TEST(CallLog, PassesACacheThatForgets) {
  const report result = two_threads_use_a_map(true);
  EXPECT_FALSE(result.failed()) << result.text();
}

// A register by release and acquire: a read may see less than the newest write as long as it overlaps it. That a write
// has returned, a client can only know from what happened since.
struct register_specification {
  using state = int;
  using operation = int;  // what is written; 0 reads
  using result = int;
  static state initial() { return 0; }
  static result apply(state& now, operation what) { return what != 0 ? now = what : now; }
};

TEST(CallLog, ARegisterByReleaseAndAcquireIsLinearizable) {
  const report result = explore(options{.schedules = 5000}, [] {
    call_log<register_specification> log(2);
    std::atomic<int> tested{0};
    std::thread other([&] {
      for (const int value : {1, 2})
        log.record(1, value, [&] {
          tested.store(value, std::memory_order_release);
          return value;
        });
    });
    for (int i = 0; i < 2; ++i) log.record(0, 0, [&] { return tested.load(std::memory_order_acquire); });
    other.join();
    log.check();
  });
  EXPECT_FALSE(result.failed()) << result.text();
}

// Two registers without any order between them, each a key of its own, are linearizable; as one object they are not.
struct both_specification {
  using state = std::array<int, 2>;
  using operation = int;  // writes 1 to the register of the number, or reads both: 2
  using result = std::array<int, 2>;
  static state initial() { return {}; }
  static result apply(state& now, operation what) {
    if (what == 2) return now;
    now[static_cast<std::size_t>(what)] = 1;
    return {};
  }
};

TEST(CallLog, FindsWhatOverlappingCallsSeeOfWeakOrders) {
  const auto run = [](std::memory_order stores, std::memory_order loads) {
    return explore(options{.schedules = 3000}, [=] {
      call_log<both_specification> log(2);
      std::array<std::atomic<int>, 2> tested{};
      std::thread other([&] {
        for (const int which : {0, 1})
          log.record(1, which, [&] {
            tested[static_cast<std::size_t>(which)].store(1, stores);
            return both_specification::result{};
          });
      });
      log.record(0, 2, [&] {
        const int second = tested[1].load(loads);
        const int first = tested[0].load(loads);
        return both_specification::result{first, second};
      });
      other.join();
      log.check();
    });
  };
  // 1 in the second register and 0 in the first: never so at one moment.
  EXPECT_TRUE(run(std::memory_order_relaxed, std::memory_order_relaxed).failed());
  EXPECT_FALSE(run(std::memory_order_release, std::memory_order_acquire).failed());
}

TEST(CallLog, SaysSoWhenTheLimitOfStepsIsReached) {
  const report result = explore(options{}, [] {
    counter_log log(1);
    log.record(0, 1, [] { return 1; });
    log.record(0, 1, [] { return 2; });
    log.check({.steps_max = 1});
  });
  ASSERT_TRUE(result.failed());
  EXPECT_THAT(result.findings[0].message, HasSubstr("raise linearizability_options::steps_max"));
}

}  // namespace
