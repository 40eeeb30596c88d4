// Every schedule of few preemptions, or of few delays: first those of none, then those of one, and so on up to the
// bound.
//
// How it works. A schedule is what it does otherwise than the usual one: at which questions, and with which answers.
// The usual answers are that the running thread goes on, or else the next in turn, and 0. After its last deviation a
// schedule goes on as usual, and each other answer that could have been given on the way is noted as a schedule of its
// own, in the list of those that cost as much. So each is run once, the cheap ones first. By preemptions a switch costs
// one, and nothing from a thread that waits, has ended, yields or spins. By delays a switch costs as many as there are
// threads passed over, counted from the one that would go on as usual. Other choices cost nothing: they are all tried.
//
// Many of them lead to the same state by other ways. Where a schedule comes to one that was seen before, with the same
// thread running and so with at least as much left of the bound, it is run to its end, but nothing is noted any more.
// States are told apart by path_hash.hpp.
//
// Source: Musuvathi and Qadeer, "Iterative Context Bounding for Systematic Testing of Multithreaded Programs", PLDI
// 2007; the states, by the same, "Partial-Order Reduction for Context-Bounded State Exploration", 2007; delays,
// Emmi, Qadeer and Rakamaric, "Delay-Bounded Scheduling", POPL 2011. Deviation: a thread that yields always gives way.
//
// Limits: schedules that wait to be run, and states that are remembered. Beyond the first the search is no proof,
// beyond the second it does more than it must.
#pragma once

#include "strategies/bounded/path_hash.hpp"
#include "strategies/bounded/state_set.hpp"
#include "strategies/bounded/waiting_schedules.hpp"
#include "strategies/patience.hpp"
#include "strategies/strategy.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace heddle::check {

class bounded_strategy final : public explorer_strategy {
 public:
  static constexpr std::size_t waiting_max = std::size_t{1} << 20;
  static constexpr std::size_t states_max = std::size_t{1} << 22;

  // What the bound is on.
  enum class counts : std::uint8_t { preemptions, delays };

  bounded_strategy(counts cost, std::uint32_t bound, sim::granularity level, std::size_t waiting_limit = waiting_max);

  // The number before again, or the next.
  [[nodiscard]] bool begin(std::uint64_t index) noexcept override;
  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override;
  std::uint32_t choose(sim::choice_kind kind, std::uint32_t candidates) noexcept override;
  bool wants_every_point() const noexcept override { return true; }

  sim::event_observer* observer() noexcept override { return &path_; }
  std::optional<decision_record> decisions() const override { return record_; }
  bool is_proof() const noexcept override { return !dropped_; }
  // Of those known so far.
  std::optional<double> explored() const override {
    const auto run = static_cast<double>(index_ + 1);
    return run / (run + static_cast<double>(waiting_.size()));
  }

 private:
  // The planned answer to the question that is asked now; nothing if it is the usual one.
  std::optional<std::uint32_t> planned();
  // Whether other answers to it are still to be noted.
  bool branches() const noexcept { return branches_ && next_ == schedule_.size(); }
  void note(std::uint32_t answer, std::uint32_t cost);
  void note_others(const sim::scheduling_point& point, sim::thread_id usual, bool gives_way);
  std::size_t transitions_kept() const;
  void look_at_state(const sim::scheduling_point& point);

  const counts counts_;
  const std::uint32_t bound_;
  const std::size_t waiting_limit_;
  waiting_schedules waiting_;
  state_set states_;
  bool dropped_ = false;  // any schedule that should have been run

  // The schedule that is run.
  deviations schedule_;
  deviations schedule_before_;
  std::uint32_t cost_ = 0;   // of it
  std::size_t next_ = 0;     // of its deviations
  std::uint32_t asked_ = 0;  // questions so far
  bool branches_ = true;
  std::uint64_t index_ = 0;
  bool begun_ = false;  // any
  path_hash path_;
  patience patience_;
  decision_record record_;
};

}  // namespace heddle::check
