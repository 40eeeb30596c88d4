// How soon each strategy finds a bug: the mean number of schedules to the first failure over 20 seeds, on small
// programs by which heddle's peers were measured too.
//
//   bank       check a balance, then take from it: two threads
//   abba       two locks in opposite order
//   notify     a condition variable waited for without a predicate
//   dcl        double-checked locking with a relaxed flag: weak memory
//   lost_waker a future looks whether it is done, and then keeps the waker: two tasks on two workers
//   order      one thread must run 21 steps before the other's single load
//   deep       four preemptions, each at one place
//   reorder    one of 20 writers stands between its two stores while a reader looks
//   twostage   one of 20 writers stands between two locked sections while a reader looks at both
//
// Data races are not looked for: twostage has one, which any schedule shows. exhaustive:4 and exhaustive:delays:4 are
// the same for every seed.
//
// Usage: detection [schedules]: the limit for each seed, 10,000 by default. A cell `12.3` is the mean; `12.3 17/20`
// says that 17 seeds found it; `-` that none did.
#include <heddle/check.hpp>
#include <heddle/runtime.hpp>

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace heddle::bench {
namespace {

constexpr std::uint64_t seeds = 20;

void bank() {
  std::atomic<int> balance{100};
  const auto withdraw = [&] {
    if (balance.load() >= 80) balance.fetch_sub(80);
  };
  std::thread one(withdraw);
  std::thread two(withdraw);
  one.join();
  two.join();
  HEDDLE_CHECK(balance.load() >= 0);
}

void abba() {
  std::mutex left;
  std::mutex right;
  std::thread other([&] {
    const std::lock_guard first(right);
    const std::lock_guard second(left);
  });
  {
    const std::lock_guard first(left);
    const std::lock_guard second(right);
  }
  other.join();
}

void notify() {
  std::mutex lock;
  std::condition_variable ready;
  std::thread other([&] {
    const std::lock_guard held(lock);
    ready.notify_one();
  });
  {
    std::unique_lock held(lock);
    ready.wait(held);
  }
  other.join();
}

// Done once, by somebody else.
struct event {
  void set() {
    done.store(true);
    std::optional<waker> woken;
    {
      const std::lock_guard held(lock);
      woken = std::exchange(waiting, std::nullopt);
    }
    if (woken) std::move(*woken).wake();
  }
  poll_result<> poll(context& cx) {
    if (done.load()) return ready;
    const std::lock_guard held(lock);
    waiting = cx.get_waker().clone();
    return pending;
  }

  std::atomic<bool> done{false};
  std::mutex lock;
  std::optional<waker> waiting;  // under lock
};

task<> wait_for(std::shared_ptr<event> what) {
  co_await *what;
}

task<> set(std::shared_ptr<event> what) {
  what->set();
  co_return;
}

task<> wait_and_set() {
  auto what = std::make_shared<event>();
  auto waits = spawn(wait_for(what));
  auto sets = spawn(set(what));
  static_cast<void>(co_await waits);
  static_cast<void>(co_await sets);
}

void lost_waker() {
  runtime on = runtime::builder().multi_thread().worker_threads(2).build();
  on.block_on(wait_and_set());
}

void order() {
  std::atomic<int> steps{0};
  int seen = 0;
  std::thread one([&] {
    for (int i = 1; i <= 21; ++i) steps.store(i);
  });
  std::thread two([&] { seen = steps.load(); });
  one.join();
  two.join();
  HEDDLE_CHECK(seen != 21);
}

void dcl() {
  constexpr auto relaxed = std::memory_order_relaxed;
  std::mutex lock;
  std::atomic<bool> made{false};
  std::atomic<int> value{0};
  const auto use = [&] {
    if (!made.load(relaxed)) {
      const std::lock_guard held(lock);
      if (!made.load(relaxed)) {
        value.store(42, relaxed);
        made.store(true, relaxed);
      }
    }
    HEDDLE_CHECK(value.load(relaxed) == 42);
  };
  std::thread one(use);
  std::thread two(use);
  one.join();
  two.join();
}

void deep() {
  std::atomic<int> stage{0};
  const auto advance = [&](int from) {
    for (int i = from; i < 8; i += 2) {
      if (stage.load() != i) return;
      stage.store(i + 1);
    }
  };
  std::thread even([&] { advance(0); });
  std::thread odd([&] { advance(1); });
  even.join();
  odd.join();
  HEDDLE_CHECK(stage.load() < 5);
}

void reorder() {
  std::atomic<int> a{0};
  std::atomic<int> b{0};
  std::vector<std::thread> writers;
  bool torn = false;
  for (int i = 0; i < 20; ++i) {
    writers.emplace_back([&] {
      a.store(1);
      b.store(-1);
    });
  }
  std::thread reader([&] {
    const int seen_a = a.load();
    const int seen_b = b.load();
    torn = !(seen_a == 0 && seen_b == 0) && !(seen_a == 1 && seen_b == -1);
  });
  for (std::thread& one : writers) one.join();
  reader.join();
  HEDDLE_CHECK(!torn);
}

void twostage() {
  std::mutex first_lock;
  std::mutex second_lock;
  int first = 0;
  int second = 0;
  bool torn = false;
  std::vector<std::thread> writers;
  for (int i = 0; i < 20; ++i) {
    writers.emplace_back([&] {
      {
        const std::lock_guard held(first_lock);
        first = 1;
      }
      const std::lock_guard held(second_lock);
      second = first + 1;
    });
  }
  std::thread reader([&] {
    int seen = 0;
    {
      const std::lock_guard held(first_lock);
      if (first == 0) return;
      seen = first;
    }
    const std::lock_guard held(second_lock);
    torn = second != seen + 1;
  });
  for (std::thread& one : writers) one.join();
  reader.join();
  HEDDLE_CHECK(!torn);
}

struct program {
  const char* name;
  void (*body)();
};

std::string cell(const program& one, const check::strategy& strategy, std::uint64_t limit) {
  std::uint64_t found = 0;
  std::uint64_t total = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const check::report report = check::explore(
        {.strategy = strategy, .schedules = limit, .seed = seed, .races = false, .audit = 0, .minimise = false},
        one.body);
    if (!report.failed()) continue;
    ++found;
    total += report.schedules;
  }
  if (found == 0) return "-";
  const double mean = static_cast<double>(total) / static_cast<double>(found);
  return found == seeds ? fmt::format("{:.1f}", mean) : fmt::format("{:.1f} {}/{}", mean, found, seeds);
}

int run(std::uint64_t limit) {
  constexpr std::array<program, 9> programs{{{"bank", &bank},
                                             {"abba", &abba},
                                             {"notify", &notify},
                                             {"dcl", &dcl},
                                             {"lost_waker", &lost_waker},
                                             {"order", &order},
                                             {"deep", &deep},
                                             {"reorder", &reorder},
                                             {"twostage", &twostage}}};
  const std::array<check::strategy, 9> strategies{check::random{},
                                                  check::pct{.depth = 3},
                                                  check::pct{.depth = 5},
                                                  check::pos{},
                                                  check::surw{},
                                                  check::portfolio{},
                                                  check::feedback{},
                                                  check::exhaustive{.preemptions = 4},
                                                  check::exhaustive{.delays = 4}};
  fmt::print("{:<12}", "");
  for (const check::strategy& one : strategies) fmt::print("{:>20}", to_string(one));
  fmt::print("\n");
  for (const program& one : programs) {
    fmt::print("{:<12}", one.name);
    for (const check::strategy& strategy : strategies) fmt::print("{:>20}", cell(one, strategy, limit));
    fmt::print("\n");
  }
  return 0;
}

}  // namespace
}  // namespace heddle::bench

int main(int argc, char** argv) {
  const long limit = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 10'000;
  if (limit < 1 || argc > 2) {
    fmt::print(stderr, "usage: detection [schedules]\n");
    return 2;
  }
  return heddle::bench::run(static_cast<std::uint64_t>(limit));
}
