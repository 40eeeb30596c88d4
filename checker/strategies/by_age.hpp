// Threads and tasks in the order in which they were created, or the reverse: fixed schedules of a portfolio.
//
// How it works. What was created first, or last, goes on until it waits. What is created begins when nothing that has
// begun can go on, so that all that was started together begins together: of tasks that is the first poll and every
// later one. A thread of the runtime that was woken goes on at once to the task that it finds.
//
// With stops::once each is stopped after its first operation, and goes on when nothing can that has not been stopped:
// the one that was stopped last before the others. So what one checks all that come after it change before it acts,
// and what one has begun they see half done; each does so in one piece, as what is in step never does.
//
// With stops::never one runs far ahead of the others. Where weak memory lets a load return several stores, every other
// one returns the oldest: a flag is seen, and what was written before it is not.
//
// Who yields or spins gives way to all others (patience.hpp). It is the same for every seed, but for choices other than
// threads.
#pragma once

#include "strategies/patience.hpp"
#include "strategies/sampling.hpp"

#include <cstdint>
#include <vector>

namespace heddle::check {

class by_age_strategy final : public sampling_strategy {
 public:
  enum class order : std::uint8_t { oldest_first, youngest_first };
  enum class stops : std::uint8_t { never, once };

  by_age_strategy(std::uint64_t seed, order goes_on, stops each) noexcept
      : sampling_strategy(seed), order_(goes_on), stops_(each) {}

  [[nodiscard]] bool begin(std::uint64_t index) noexcept override;
  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override;
  std::uint32_t choose(sim::choice_kind kind, std::uint32_t candidates) noexcept override;

 private:
  enum class standing : std::uint8_t { first, stopped, gave_way };

  struct thread_state {
    bool may_begin = false;
    sim::object_id task = 0;  // polled last; 0: none
    standing where = standing::first;
    std::uint64_t since = 0;  // of one that is not first: how many lost their place before it
  };

  // Whether `one` goes on before `other`.
  bool precedes(const sim::scheduling_point& point, sim::thread_id one, sim::thread_id other) const noexcept;
  sim::thread_id first_of(const sim::scheduling_point& point) noexcept;
  void lower(thread_state& one, standing where) noexcept;

  const order order_;
  const stops stops_;
  std::vector<thread_state> threads_;
  std::uint64_t lowered_ = 0;  // how often one lost its place
  bool reads_oldest_ = false;  // the next load that may
  patience patience_;
};

}  // namespace heddle::check
