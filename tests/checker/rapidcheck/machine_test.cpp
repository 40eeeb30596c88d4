// Concurrent objects that are broken and the same mended, on threads and on tasks, by calls that are generated.
#include "heddle/rapidcheck/machine.hpp"

#include "heddle/check.hpp"
#include "heddle/rapidcheck.hpp"
#include "heddle/runtime.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using heddle::task;
using heddle::check::explore_machine;
using heddle::check::finding_kind;
using heddle::check::machine_options;
using heddle::check::report;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// --- a register that is written in two halves ---

template <bool Locks>
class wide_register {
 public:
  void write(int value) {
    const auto held = hold();
    low_.store(value % 10);
    high_.store(value / 10);
  }
  int read() {
    const auto held = hold();
    return 10 * high_.load() + low_.load();
  }

 private:
  std::unique_lock<std::mutex> hold() {
    return Locks ? std::unique_lock(mutex_) : std::unique_lock(mutex_, std::defer_lock);
  }

  std::mutex mutex_;
  std::atomic<int> low_{0};
  std::atomic<int> high_{0};
};

template <bool Locks>
struct register_machine {
  using model = int;
  using system = wide_register<Locks>;
  struct write {
    int value;
    void apply(model& now) const { now = value; }
    void run(system& tested) const { tested.write(value); }
    std::string text() const { return "write(" + std::to_string(value) + ")"; }
    static rc::Gen<write> generate() { return rc::gen::construct<write>(rc::gen::inRange(0, 100)); }
  };
  struct read {
    int apply(model& now) const { return now; }
    int run(system& tested) const { return tested.read(); }
  };
  using commands = std::variant<write, read>;
};

TEST(Machine, FindsTheTornReadOfARegister) {
  const report result = explore_machine<register_machine<false>>();
  ASSERT_EQ(result.findings.size(), 1U) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::assertion);
  const std::string& message = result.findings[0].message;
  EXPECT_THAT(message, StartsWith("no order of these calls explains what they returned\nhistory:\n"));
  EXPECT_THAT(message, AllOf(HasSubstr("write("), HasSubstr("read() -> "), HasSubstr("client 2")));
  EXPECT_THAT(result.findings[0].where.file, HasSubstr("machine_test.cpp"));
  // One write and one read, or two writes and one read.
  ASSERT_EQ(result.inputs.size(), 4U);
  const std::string calls =
      result.inputs[0].value + result.inputs[1].value + result.inputs[2].value + result.inputs[3].value;
  EXPECT_LE(std::ranges::count(calls, '('), 3) << result.text();
}

TEST(Machine, PassesTheRegisterWithALock) {
  const report result = explore_machine<register_machine<true>>();
  EXPECT_FALSE(result.failed()) << result.text();
  EXPECT_EQ(result.inputs_tried, 100U);
}

// --- a queue whose pop looks before it takes ---

template <bool Atomically>
class queue_of_ints {
 public:
  void push(int value) {
    const std::lock_guard held(mutex_);
    values_.push_back(value);
  }
  std::optional<int> pop() {
    if constexpr (Atomically) {
      const std::lock_guard held(mutex_);
      if (values_.empty()) return std::nullopt;
      return take();
    } else {
      int first = 0;
      {
        const std::lock_guard held(mutex_);
        if (values_.empty()) return std::nullopt;
        first = values_.front();
      }
      const std::lock_guard held(mutex_);
      if (!values_.empty()) values_.pop_front();
      return first;
    }
  }

 private:
  int take() {
    const int first = values_.front();
    values_.pop_front();
    return first;
  }

  std::mutex mutex_;
  std::deque<int> values_;
};

template <bool Atomically>
struct queue_machine {
  using model = std::deque<int>;
  using system = queue_of_ints<Atomically>;
  struct push {
    int value;
    void apply(model& now) const { now.push_back(value); }
    void run(system& tested) const { tested.push(value); }
    std::string text() const { return "push(" + std::to_string(value) + ")"; }
    static rc::Gen<push> generate() { return rc::gen::construct<push>(rc::gen::inRange(0, 3)); }
  };
  struct pop {
    std::optional<int> apply(model& now) const {
      if (now.empty()) return std::nullopt;
      const int first = now.front();
      now.pop_front();
      return first;
    }
    std::optional<int> run(system& tested) const { return tested.pop(); }
  };
  using commands = std::variant<push, pop>;
};

TEST(Machine, FindsThatAQueueGivesAValueTwice) {
  const report result = explore_machine<queue_machine<false>>({.clients = 3});
  ASSERT_TRUE(result.failed());
  EXPECT_THAT(result.findings[0].message, HasSubstr("pop() -> "));
}

TEST(Machine, PassesAQueueThatTakesAtOnce) {
  const report result = explore_machine<queue_machine<true>>({.clients = 3});
  EXPECT_FALSE(result.failed()) << result.text();
}

// --- a map of counters by key, on tasks, whose additions are lost between two awaits ---

template <bool Holds>
class task_map {
 public:
  using declare_send = heddle::declared_true<task_map, "its mutex guards what it holds">;

  task<int> add(std::size_t key, int by) {
    if constexpr (Holds) {
      auto held = co_await values_.lock();
      (*held)[key] += by;
      co_return (*held)[key];
    } else {
      int seen = 0;
      {
        auto held = co_await values_.lock();
        seen = (*held)[key];
      }
      auto held = co_await values_.lock();
      (*held)[key] = seen + by;
      co_return seen + by;
    }
  }

 private:
  heddle::sync::mutex<std::array<int, 2>> values_{std::array<int, 2>{}};
};

template <bool Holds>
struct task_map_machine {
  using model = int;
  using system = task_map<Holds>;
  struct add {
    std::size_t key;
    int by;
    int apply(model& now) const { return now += by; }
    task<int> run(system& tested) const { return tested.add(key, by); }
    std::string text() const { return "add(" + std::to_string(key) + ", " + std::to_string(by) + ")"; }
    static rc::Gen<add> generate() {
      return rc::gen::construct<add>(rc::gen::inRange<std::size_t>(0, 2), rc::gen::inRange(1, 4));
    }
  };
  using commands = std::variant<add>;
  static std::size_t key(const commands& what) { return std::get<add>(what).key; }
};

TEST(Machine, FindsALostUpdateOfTasksInOneKeyOfAMap) {
  const report result = explore_machine<task_map_machine<false>>();
  ASSERT_TRUE(result.failed());
  EXPECT_THAT(result.findings[0].message, AllOf(HasSubstr("add(0, 1) -> 1"), Not(HasSubstr("add(1"))));
}

TEST(Machine, PassesAMapOfTasksThatHoldsItsLock) {
  const report result = explore_machine<task_map_machine<true>>();
  EXPECT_FALSE(result.failed()) << result.text();
}

TEST(Machine, CallsOfCancelledTasksMayHaveTakenEffect) {
  machine_options how;
  how.each.cancellations = 1;
  const report result = explore_machine<task_map_machine<true>>(how);
  EXPECT_FALSE(result.failed()) << result.text();
}

// --- a cache that another thread's write does not reach ---

template <bool Forgets>
class cached_value {
 public:
  explicit cached_value(int first) : value_(first) {}
  void set(int value) {
    const std::lock_guard held(mutex_);
    value_ = value;
    if (Forgets) cache_.reset();
  }
  int get() {
    const std::lock_guard held(mutex_);
    if (!cache_) cache_ = value_;
    return *cache_;
  }

 private:
  std::mutex mutex_;
  int value_;
  std::optional<int> cache_;
};

template <bool Forgets>
struct cache_machine {
  using model = int;
  using system = cached_value<Forgets>;
  static model initial() { return 7; }
  static std::unique_ptr<system> make() { return std::make_unique<system>(7); }
  static std::size_t hash(const model& now) { return static_cast<std::size_t>(now); }
  struct set {
    int value;
    void apply(model& now) const { now = value; }
    void run(system& tested) const { tested.set(value); }
    static rc::Gen<set> generate() { return rc::gen::construct<set>(rc::gen::inRange(0, 10)); }
    friend std::ostream& operator<<(std::ostream& out, const set& one) { return out << "set " << one.value; }
  };
  struct get {
    int apply(model& now) const { return now; }
    int run(system& tested) const { return tested.get(); }
  };
  using commands = std::variant<set, get>;
};

TEST(Machine, FindsAStaleCacheByCallsOfOneThreadAlone) {
  const report result = explore_machine<cache_machine<false>>();
  ASSERT_TRUE(result.failed());
  EXPECT_THAT(result.findings[0].message, AllOf(HasSubstr("get() -> 7"), HasSubstr("set 0")));
}

HEDDLE_LINEARIZABLE(MachineMacro, PassesACacheThatForgets, cache_machine<true>);
HEDDLE_LINEARIZABLE_WITH(MachineMacro, TakesOptions, cache_machine<true>,
                         machine_options{.clients = 1, .after_max = 5});

}  // namespace
