// What the simulated machine costs, measured against a raw Boost.Context round trip in the same run: a
// scheduling point that stays, one that switches there and back, and a schedule of four threads.
//
// Usage: machine [rounds], 7 by default.
#include "rounds.hpp"

#include <heddle/sim/machine.hpp>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

#include <boost/context/detail/fcontext.hpp>
#include <fmt/format.h>

namespace heddle::bench {
namespace {

using namespace boost::context::detail;

alignas(64) char fiber_stack[64 * 1024];

void bounce(transfer_t from) {
  for (;;) from = jump_fcontext(from.fctx, nullptr);
}

void raw_round_trips(std::uint64_t times) {
  static fcontext_t fiber = make_fcontext(fiber_stack + sizeof fiber_stack, sizeof fiber_stack, &bounce);
  for (; times > 0; --times) fiber = jump_fcontext(fiber, nullptr).fctx;
}

// Stays where it can.
class staying_source final : public sim::decision_source {
 public:
  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override {
    return point.current_runnable ? point.current : point.runnable.front();
  }
  std::uint32_t choose(sim::choice_kind, std::uint32_t) noexcept override { return 0; }
};

// Always takes another thread.
class switching_source final : public sim::decision_source {
 public:
  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override {
    return point.runnable[point.runnable.front() == point.current ? 1 : 0];
  }
  std::uint32_t choose(sim::choice_kind, std::uint32_t) noexcept override { return 0; }
};

// A cheap uniform choice, so that what is measured is the machine.
class uniform_source final : public sim::decision_source {
 public:
  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override {
    return point.runnable[choose(sim::choice_kind::test, static_cast<std::uint32_t>(point.runnable.size()))];
  }
  std::uint32_t choose(sim::choice_kind, std::uint32_t candidates) noexcept override {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::uint32_t>(((state_ >> 32) * candidates) >> 32);
  }

 private:
  std::uint64_t state_ = 1;
};

sim::machine& the_machine() {
  static sim::machine on({.steps_max = ~std::uint64_t{0}});
  return on;
}

constexpr std::uint64_t points_of_each_thread = 1'000;

void two_threads_of_points() {
  std::atomic<int> word{0};
  const auto work = [&] {
    for (std::uint64_t i = 0; i < points_of_each_thread; ++i) word.fetch_add(1);
  };
  std::thread one(work);
  std::thread two(work);
  one.join();
  two.join();
}

void points_that_stay(std::uint64_t times) {
  staying_source source;
  for (; times > 0; --times) the_machine().run(source, &two_threads_of_points);
}

void points_that_switch(std::uint64_t times) {
  switching_source source;
  for (; times > 0; --times) the_machine().run(source, &two_threads_of_points);
}

// Four threads and about a hundred points: ten increments under a mutex each.
void schedules_of_four_threads(std::uint64_t times) {
  uniform_source source;
  for (; times > 0; --times) {
    the_machine().run(source, [] {
      std::mutex mutex;
      int count = 0;
      std::vector<std::thread> threads;
      for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
          for (int j = 0; j < 12; ++j) {
            const std::lock_guard lock(mutex);
            ++count;
          }
        });
      }
      for (std::thread& thread : threads) thread.join();
    });
  }
}

void run(unsigned rounds) {
  std::vector<program> programs;
  programs.push_back({"raw Boost.Context round trip", &raw_round_trips});
  programs.push_back({"scheduling point that stays", &points_that_stay, 2.0 * points_of_each_thread});
  // Two points make a round trip there and back; each is one switch.
  programs.push_back({"scheduling point that switches", &points_that_switch, 2.0 * points_of_each_thread});
  programs.push_back({"schedule of 4 threads, 96 points", &schedules_of_four_threads});
  measure(programs, rounds, std::chrono::milliseconds{50});
  const double raw = programs[0].median();
  fmt::print("{:<36}{:>12}{:>18}\n", "", "median ns", "raw round trips");
  for (const program& one : programs)
    fmt::print("{:<36}{:>12.1f}{:>18.2f}\n", one.name, one.median(), one.median() / raw);
}

}  // namespace
}  // namespace heddle::bench

int main(int argc, char** argv) {
  const long rounds = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 7;
  if (rounds < 1 || argc > 2) {
    fmt::print(stderr, "usage: machine [rounds]\n");
    return 2;
  }
  heddle::bench::run(static_cast<unsigned>(rounds));
}
