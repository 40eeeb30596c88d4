// Schedules per second on the programs by which heddle's peers were measured, with the random strategy, creation and
// joining of threads included. By default as a user has it: weak memory, all detectors and the determinism audit on.
// `alike` switches off what shuttle has not: sequential consistency, no detector but deadlocks and crashes, no audit.
//
//   counter   3 threads, each twice load then store + 1 on one seq_cst atomic
//   mutex     4 threads, 10 increments each under one mutex
//   mpsc      2 producers of 5 items, 1 consumer, a queue of capacity 2 with a mutex and two condition variables
//   async10   10 tasks, 10 yields each, joined, on a multi-thread runtime of 2 workers
//   async10ct the same on a current-thread runtime, which has one executor as the peers do
//
// Both run the shipped runtime, whose own instrumented code takes most of the time: `native` is async10ct outside of
// any execution, where the callbacks of the instrumentation return at once.
//
// Usage: peers [rounds [program|all [alike]]], 5 rounds of all programs by default. Quote ratios between lines or
// programs of one run, never single figures.
#include "rounds.hpp"

#include <heddle/check.hpp>
#include <heddle/runtime.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>

namespace heddle::bench {
namespace {

bool alike = false;

check::options wanted(std::uint64_t schedules) {
  check::options options{.strategy = check::random{}, .schedules = schedules};
  if (!alike) return options;
  options.weak_memory = false;
  options.races = false;
  options.stalls = false;
  options.leaks = false;
  options.poll_steps_max = 0;
  options.starvation_polls = 0;
  options.audit = 0;
  return options;
}

template <typename Body>
void explore(std::uint64_t schedules, Body body) {
  const check::report report = check::explore(wanted(schedules), body);
  if (!report.failed()) return;
  fmt::print(stderr, "{}\n", report.text());
  std::exit(1);
}

void counter(std::uint64_t schedules) {
  explore(schedules, [] {
    std::atomic<int> shared{0};
    const auto work = [&] {
      for (int i = 0; i < 2; ++i) shared.store(shared.load() + 1);
    };
    std::thread one(work);
    std::thread two(work);
    std::thread three(work);
    one.join();
    two.join();
    three.join();
  });
}

void mutex(std::uint64_t schedules) {
  explore(schedules, [] {
    std::mutex lock;
    int shared = 0;
    const auto work = [&] {
      for (int i = 0; i < 10; ++i) {
        const std::lock_guard held(lock);
        ++shared;
      }
    };
    std::thread one(work);
    std::thread two(work);
    std::thread three(work);
    std::thread four(work);
    one.join();
    two.join();
    three.join();
    four.join();
    HEDDLE_CHECK(shared == 40);
  });
}

class bounded_queue {
 public:
  void push(int value) {
    std::unique_lock held(lock_);
    not_full_.wait(held, [&] { return count_ < 2; });
    items_[(first_ + count_++) % 2] = value;
    not_empty_.notify_one();
  }

  int pop() {
    std::unique_lock held(lock_);
    not_empty_.wait(held, [&] { return count_ > 0; });
    const int value = items_[first_++ % 2];
    --count_;
    not_full_.notify_one();
    return value;
  }

 private:
  std::mutex lock_;
  std::condition_variable not_empty_;
  std::condition_variable not_full_;
  int items_[2] = {};
  unsigned first_ = 0;
  unsigned count_ = 0;
};

void mpsc(std::uint64_t schedules) {
  explore(schedules, [] {
    bounded_queue queue;
    const auto produce = [&] {
      for (int i = 1; i <= 5; ++i) queue.push(i);
    };
    std::thread one(produce);
    std::thread two(produce);
    int sum = 0;
    for (int i = 0; i < 10; ++i) sum += queue.pop();
    one.join();
    two.join();
    HEDDLE_CHECK(sum == 30);
  });
}

task<> yield_ten_times() {
  for (int i = 0; i < 10; ++i) co_await yield_now();
}

task<> spawn_ten() {
  std::vector<join_handle<void>> handles;
  for (int i = 0; i < 10; ++i) handles.push_back(spawn(yield_ten_times()));
  for (join_handle<void>& handle : handles) co_await handle;
}

void async10(std::uint64_t schedules) {
  explore(schedules, [] {
    runtime on = runtime::builder().multi_thread().worker_threads(2).build();
    on.block_on(spawn_ten());
  });
}

void async10ct(std::uint64_t schedules) {
  explore(schedules, [] {
    runtime on = runtime::builder().current_thread().build();
    on.block_on(spawn_ten());
  });
}

void native(std::uint64_t times) {
  for (std::uint64_t i = 0; i < times; ++i) {
    runtime on = runtime::builder().current_thread().build();
    on.block_on(spawn_ten());
  }
}

int run(unsigned rounds, std::string_view only) {
  std::vector<program> programs;
  programs.push_back({"counter", &counter});
  programs.push_back({"mutex", &mutex});
  programs.push_back({"mpsc", &mpsc});
  programs.push_back({"async10", &async10});
  programs.push_back({"async10ct", &async10ct});
  programs.push_back({"native", &native});
  if (only != "all") std::erase_if(programs, [&](const program& one) { return one.name != only; });
  if (programs.empty()) {
    fmt::print(stderr, "peers: no program '{}'; there are counter, mutex, mpsc, async10, async10ct and native\n", only);
    return 2;
  }
  measure(programs, rounds, std::chrono::milliseconds{200});
  fmt::print("{:<12}{:>16}\n", "", "schedules/s");
  for (const program& one : programs) fmt::print("{:<12}{:>16.0f}\n", one.name, 1e9 / one.median());
  return 0;
}

}  // namespace
}  // namespace heddle::bench

int main(int argc, char** argv) {
  const long rounds = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 5;
  const std::string_view mode = argc > 3 ? argv[3] : "alike";
  if (rounds < 1 || argc > 4 || mode != "alike") {
    fmt::print(stderr, "usage: peers [rounds [program|all [alike]]]\n");
    return 2;
  }
  heddle::bench::alike = argc > 3;
  return heddle::bench::run(static_cast<unsigned>(rounds), argc > 2 ? argv[2] : "all");
}
