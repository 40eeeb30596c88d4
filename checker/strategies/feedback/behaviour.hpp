// What of an execution is new: which operation saw what which other operation had left, and how often.
//
// How it works. The last change of each object is remembered by its operation, which goes by its kind and its place in
// the program. An operation of another thread or task on the object makes a pair with it: it read from it. Pairs are
// counted in each execution, and a count is new when it reaches a higher magnitude than ever before: 1, 2, 3, 4 to 15,
// 16 to 63, and so on. A load of an older store, under weak memory, is a pair of its own.
//
// Source: pairs, Wolff, Zhao, Duck, Roychoudhury, "Greybox Fuzzing for Concurrency Testing", ASPLOS 2024; magnitudes,
// Zalewski's AFL. Deviations: pairs of one thread with itself are left out, which tell of the program and not of the
// schedule; magnitudes grow fourfold and not twofold, or schedules in which threads retry ever more often are kept, and
// each costs more than the one before.
//
// Invariant: addresses of code are compared for equality only, so that what is new is the same in each process.
#pragma once

#include "heddle/sim/decision.hpp"
#include "heddle/sim/event.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace heddle::check {

class behaviour final : public sim::event_observer {
 public:
  behaviour();

  // A new execution.
  void begin() noexcept;
  void on_event(const sim::event& what, std::uintptr_t object) noexcept override;

  // Magnitudes of pairs that the execution was the first to reach.
  std::uint64_t news() const noexcept { return news_; }
  std::size_t pairs() const noexcept { return used_; }

 private:
  struct change {
    std::uint64_t operation = 0;
    std::uint32_t actor = 0;
    std::uint32_t execution = 0;  // of which it is; another one: there was none in this
  };
  struct pair {
    std::uint64_t name = 0;  // 0: free
    std::uint32_t execution = 0;
    std::uint32_t count = 0;    // in that execution
    std::uint32_t highest = 0;  // magnitude of the count, ever
  };
  static constexpr std::size_t pairs_min = 1024;

  void note(std::uint64_t name);
  pair& find(std::uint64_t name) noexcept;
  void grow();

  std::vector<change> changes_;  // by object
  std::vector<pair> pairs_;      // open addressing; their number is a power of two
  std::size_t used_ = 0;
  std::uint64_t last_pair_ = 0;  // of the last operation; 0: it made none
  std::uint64_t news_ = 0;
  std::uint32_t execution_ = 0;
};

}  // namespace heddle::check
