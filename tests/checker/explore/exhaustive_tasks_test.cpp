// That the exhaustive search misses nothing and does nothing twice where the runtime is part of the program: against
// the search of all interleavings, whose executions are told apart by what each thread touched, in which order.
#include "heddle/check.hpp"
#include "heddle/hooks.hpp"
#include "heddle/runtime.hpp"
#include "random_program.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace {

namespace check = heddle::check;
namespace sim = heddle::sim;
using namespace std::chrono_literals;

// ---------------------------------------------------------------- all interleavings

bool only_looks(sim::operation_kind kind) {
  switch (kind) {
    case sim::operation_kind::atomic_load:
    case sim::operation_kind::compare_failure:
    case sim::operation_kind::memory_read:
    case sim::operation_kind::shared_lock:
    case sim::operation_kind::shared_unlock:
      return true;
    default:
      return false;
  }
}

bool touches(sim::operation_kind kind) {
  switch (kind) {
    case sim::operation_kind::none:
    case sim::operation_kind::thread_start:
    case sim::operation_kind::yield:
    case sim::operation_kind::sleep:
    case sim::operation_kind::fence:
    case sim::operation_kind::choice:
    case sim::operation_kind::task_poll:
    case sim::operation_kind::task_cancel:
    case sim::operation_kind::runtime_operation:
      return false;
    default:
      return true;
  }
}

// The order of one execution as a number: of what is touched, by the thread's and the object's last operation.
class order_of_touches final : public sim::event_observer {
 public:
  explicit order_of_touches(sim::granularity level) : by_words_(level == sim::granularity::task) {}

  void begin() {
    threads_.clear();
    objects_.clear();
    sum_ = 0;
    running_ = 0;
  }
  void switch_to(sim::thread_id thread) { running_ = thread; }
  void answer(std::uint32_t given) { threads_[running_] = mix(threads_[running_] + given + 1); }

  void on_event(const sim::event& what, std::uintptr_t object) noexcept override {
    if (!touches(what.kind)) return;
    switch (what.kind) {
      case sim::operation_kind::thread_create:
        return add(sim::operation_kind::atomic_update, all_threads);
      case sim::operation_kind::thread_exit:
        return add(what.kind, all_threads + 1 + what.thread);
      case sim::operation_kind::thread_join:
        return add(what.kind, all_threads + 1 + what.object);
      default:
        add(what.kind, object);
    }
  }
  bool wants_touches() const noexcept override { return true; }
  void on_touch(sim::operation_kind kind, std::uintptr_t object) noexcept override { add(kind, object); }

  std::uint64_t value() const { return sum_; }

 private:
  static constexpr std::uintptr_t all_threads = 1000;

  static std::uint64_t mix(std::uint64_t hash) {
    hash = (hash ^ hash >> 32) * 0x9fb21c651e98df25U;
    return hash ^ hash >> 29;
  }
  void add(sim::operation_kind kind, std::uintptr_t object) {
    if (by_words_) object |= 7;
    std::uint64_t& own = threads_[running_];
    own = mix(mix(own + running_ + 1) + 3 * objects_[object] + (only_looks(kind) ? 1 : 0));
    sum_ += mix(own);
    if (!only_looks(kind)) objects_[object] = own;
  }

  const bool by_words_;
  std::map<sim::thread_id, std::uint64_t> threads_;
  std::map<std::uintptr_t, std::uint64_t> objects_;
  sim::thread_id running_ = 0;
  std::uint64_t sum_ = 0;
};

class every_order final : public sim::decision_source {
 public:
  explicit every_order(order_of_touches& seen) : seen_(seen) {}

  bool wants_every_point() const noexcept override { return true; }
  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override {
    const sim::thread_id chosen = point.runnable.size() == 1 ? point.runnable.front() : all_.choose_thread(point);
    seen_.switch_to(chosen);
    return chosen;
  }
  std::uint32_t choose(sim::choice_kind kind, std::uint32_t candidates) noexcept override {
    const std::uint32_t given = all_.choose(kind, candidates);
    seen_.answer(given);
    return given;
  }
  bool advance() { return all_.advance(); }

 private:
  check::testing_programs::every_interleaving all_;
  order_of_touches& seen_;
};

struct interleavings {
  std::uint64_t executions = 0;
  std::set<std::uint64_t> orders;       // of what was touched
  std::set<std::uint64_t> user_orders;  // of what tasks and user code did
};

interleavings search_all(const sim::machine_options& options, const std::function<void()>& body) {
  interleavings all;
  order_of_touches seen(options.level);
  every_order source(seen);
  sim::machine machine(options);
  do {
    seen.begin();
    all.user_orders.insert(machine.run(source, body, &seen).order_hash);
    all.orders.insert(seen.value());
    ++all.executions;
  } while (source.advance());
  return all;
}

// ---------------------------------------------------------------- steps of several operations

// A random program of few threads whose steps are operations of a runtime: several accesses each, of which the later
// ones follow from what the earlier ones saw.
class random_steps {
 public:
  explicit random_steps(std::uint64_t seed) : numbers_(seed) {
    threads_.resize(2 + numbers_.below(2));
    for (auto& thread : threads_) {
      for (std::uint32_t left = 1 + numbers_.below(2); left > 0; --left)
        thread.push_back({numbers_.below(4), numbers_.below(3), numbers_.below(3), numbers_.below(3)});
    }
  }

  // What came of it: who did what to each word in which order, where looks next to each other have none.
  std::string run() const {
    words all;
    std::vector<std::thread> threads;
    for (std::size_t number = 0; number < threads_.size(); ++number) {
      threads.emplace_back([this, &all, number] {
        for (const step& one : threads_[number]) {
          const heddle::hooks::operation_scope scope(heddle::hooks::operation::other);
          all.take(one, number);
        }
      });
    }
    for (std::thread& one : threads) one.join();
    return all.text();
  }

 private:
  struct step {
    std::uint32_t what;
    std::uint32_t seen;  // words
    std::uint32_t one;
    std::uint32_t other;
  };

  struct words {
    std::array<std::atomic<int>, 3> all{};
    std::array<std::string, 3> history;
    std::array<std::multiset<std::string>, 3> looks;

    void note(std::size_t word, std::size_t thread, bool only_looks) {
      const sim::host_scope host;
      const std::string who = std::to_string(thread) + (only_looks ? "r" : "w");
      if (only_looks) {
        looks.at(word).insert(who);
        return;
      }
      flush(word);
      history.at(word) += who;
    }
    void flush(std::size_t word) {
      for (const std::string& who : looks.at(word)) history.at(word) += who;
      looks.at(word).clear();
    }
    int look(std::size_t word, std::size_t thread) {
      const int value = all.at(word).load();
      note(word, thread, true);
      return value;
    }
    void add(std::size_t word, std::size_t thread) {
      all.at(word).fetch_add(1);
      note(word, thread, false);
    }
    void take(const step& one, std::size_t thread) {
      switch (one.what) {
        case 0:
          add(one.one, thread);
          break;
        case 1:
          add(one.one, thread);
          if (one.other != one.one) add(one.other, thread);
          break;
        case 2:
          look(one.seen, thread);
          if (one.one != one.seen) add(one.one, thread);
          break;
        default:
          if (look(one.seen, thread) % 2 == 0) {
            if (one.one != one.seen) add(one.one, thread);
          } else {
            if (one.other != one.seen) add(one.other, thread);
          }
      }
    }
    std::string text() {
      const sim::host_scope host;
      std::string result;
      for (std::size_t word = 0; word < history.size(); ++word) {
        flush(word);
        result += history.at(word) + '|';
      }
      return result;
    }
  };

  check::testing_programs::small_generator numbers_;
  std::vector<std::vector<step>> threads_;
};

// Five of these programs tell when a step that is put before another is taken to touch what it touched after it.
TEST(ExhaustiveSteps, OfRandomProgramsComeInEveryOrder) {
  std::uint64_t classes = 0;
  std::uint64_t executions = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const random_steps program(seed);
    std::set<std::string> expected;
    std::set<std::string> found;
    const auto note = [&program](std::set<std::string>& into) {
      const std::string text = program.run();
      const sim::host_scope host;
      into.insert(std::string(text.data(), text.size()));
    };
    static_cast<void>(search_all({}, [&] { note(expected); }));
    const check::report all = check::explore(
        {.strategy = check::exhaustive{}, .schedules = 0, .weak_memory = false, .races = false}, [&] { note(found); });
    EXPECT_TRUE(all.proved) << "seed " << seed << all.text();
    EXPECT_EQ(found, expected) << "seed " << seed;
    classes += expected.size();
    executions += all.schedules;
  }
  // What a step touches the other way round is not known before it has run, so that some orders are begun twice.
  EXPECT_LE(executions, classes + classes / 50);
}

// ---------------------------------------------------------------- programs

using counter = std::shared_ptr<std::atomic<int>>;

heddle::task<> nothing() {
  co_return;
}

heddle::task<> add_to(counter sum) {
  sum->fetch_add(1);
  co_return;
}

heddle::task<> add_after_yield(counter sum) {
  co_await heddle::yield_now();
  sum->fetch_add(1);
}

heddle::task<> await_one() {
  auto one = heddle::spawn(add_after_yield(std::make_shared<std::atomic<int>>(0)));
  static_cast<void>(co_await one);
}

heddle::task<> await_two() {
  auto sum = std::make_shared<std::atomic<int>>(0);
  auto first = heddle::spawn(add_to(sum));
  auto second = heddle::spawn(add_to(sum));
  static_cast<void>(co_await first);
  static_cast<void>(co_await second);
}

heddle::task<> leave_one() {
  auto sum = std::make_shared<std::atomic<int>>(0);
  static_cast<void>(heddle::spawn(add_to(sum)));
  sum->fetch_add(1);
  co_return;
}

heddle::task<> abort_one() {
  auto one = heddle::spawn(add_after_yield(std::make_shared<std::atomic<int>>(0)));
  one.abort();
  static_cast<void>(co_await one);
}

heddle::task<> lock_and_add(std::shared_ptr<heddle::sync::mutex<int>> sum) {
  auto held = co_await sum->lock();
  ++*held;
}

heddle::task<> share_a_mutex() {
  auto sum = std::make_shared<heddle::sync::mutex<int>>(0);
  auto other = heddle::spawn(lock_and_add(sum));
  co_await lock_and_add(sum);
  static_cast<void>(co_await other);
}

heddle::task<> send_one(heddle::oneshot::sender<int> to) {
  static_cast<void>(std::move(to).send(1));
  co_return;
}

heddle::task<> receive_one() {
  auto [to, from] = heddle::oneshot::channel<int>();
  static_cast<void>(heddle::spawn(send_one(std::move(to))));
  static_cast<void>(co_await std::move(from));
}

heddle::task<> sleep_beside_another() {
  auto other = heddle::spawn([]() -> heddle::task<> { co_await heddle::sleep(1ms); }());
  co_await heddle::sleep(1ms);
  static_cast<void>(co_await other);
}

heddle::task<> call_what_blocks() {
  auto sum = std::make_shared<std::atomic<int>>(0);
  auto call = heddle::spawn_blocking([sum] { sum->fetch_add(1); });
  sum->fetch_add(1);
  static_cast<void>(co_await call);
}

struct on_runtime {
  const char* name;
  std::size_t workers;
  sim::granularity level;
  heddle::task<> (*body)();
  std::uint32_t cancellations = 0;
};

std::ostream& operator<<(std::ostream& out, const on_runtime& one) {
  return out << one.name;
}

class OnRuntime : public testing::TestWithParam<on_runtime> {};

TEST_P(OnRuntime, EachOrderIsExploredOnce) {
  const on_runtime& program = GetParam();
  const auto run = [&program] {
    heddle::runtime on = heddle::runtime::builder().multi_thread().worker_threads(program.workers).build();
    on.block_on(program.body());
  };
  const interleavings all = search_all({.level = program.level, .cancellations = program.cancellations}, run);
  const check::report found = check::explore({.strategy = check::exhaustive{},
                                              .schedules = 0,
                                              .granularity = program.level,
                                              .weak_memory = false,
                                              .races = false,
                                              .cancellations = program.cancellations},
                                             run);
  EXPECT_TRUE(found.proved) << found.text();
  EXPECT_EQ(found.schedules, all.orders.size()) << "of " << all.executions << " interleavings";
  // At granularity task every order of steps counts there.
  if (program.level == sim::granularity::sync) {
    EXPECT_EQ(found.distinct, all.user_orders.size());
  }
  RecordProperty("interleavings", static_cast<int>(all.executions));
}

constexpr auto by_operations = sim::granularity::sync;
constexpr auto by_steps = sim::granularity::task;

INSTANTIATE_TEST_SUITE_P(Programs, OnRuntime,
                         testing::Values(on_runtime{"nothing_1", 1, by_operations, &nothing},
                                         on_runtime{"nothing_1_task", 1, by_steps, &nothing},
                                         on_runtime{"nothing_2", 2, by_operations, &nothing},
                                         on_runtime{"nothing_2_task", 2, by_steps, &nothing},
                                         on_runtime{"await_one_1", 1, by_operations, &await_one},
                                         on_runtime{"await_one_1_task", 1, by_steps, &await_one},
                                         on_runtime{"await_two_1", 1, by_operations, &await_two},
                                         on_runtime{"await_two_1_task", 1, by_steps, &await_two},
                                         on_runtime{"leave_one_1", 1, by_operations, &leave_one},
                                         on_runtime{"leave_one_1_task", 1, by_steps, &leave_one},
                                         on_runtime{"leave_one_2_task", 2, by_steps, &leave_one},
                                         on_runtime{"abort_one_1", 1, by_operations, &abort_one},
                                         on_runtime{"await_one_1_cancelled", 1, by_operations, &await_one, 1},
                                         on_runtime{"receive_one_1_cancelled", 1, by_operations, &receive_one, 1},
                                         on_runtime{"share_a_mutex_1", 1, by_operations, &share_a_mutex},
                                         on_runtime{"share_a_mutex_1_task", 1, by_steps, &share_a_mutex},
                                         on_runtime{"receive_one_1", 1, by_operations, &receive_one},
                                         on_runtime{"receive_one_1_task", 1, by_steps, &receive_one},
                                         on_runtime{"sleep_beside_another_1_task", 1, by_steps, &sleep_beside_another},
                                         on_runtime{"call_what_blocks_1_task", 1, by_steps, &call_what_blocks}),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
