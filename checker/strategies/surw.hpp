// Selectively uniform random walk: every order of the interesting operations about equally likely.
//
// How it works. The first schedule counts what each thread does (profile.hpp). A thread is drawn with a probability in
// proportion to the interesting operations that it and the threads it will create still have: were all counts right,
// each interleaving of them would be equally likely, where a plain random walk hardly ever lets one long thread run
// ahead of another. The thread drawn is intended to do the next interesting operation: a thread that stands before one
// and is not intended is held back. All other operations are chosen among the threads that are not held back as in
// partial order sampling (operation_priorities.hpp). In one of all_one_in schedules all operations are interesting; in
// the others those on one object, drawn among those that several threads use. Unlocking is never interesting: it is
// the order in which a lock is taken that counts, and whoever holds it back holds back all who want the lock.
//
// Source: Zhao, Wolff, Mathur, Roychoudhury, "Selectively Uniform Concurrency Testing", ASPLOS 2025. Deviations: counts
// come from one run, hence what a thread does beyond its count weighs one; an intention that has not come true
// after patience_each decisions for each runnable thread is dropped, since the intended thread may wait for one that is
// held back, and halves the thread's count, which was wrong; the paper chooses among the other operations by priorities
// that are drawn anew without regard to conflicts, and objects in proportion to their operations.
#pragma once

#include "strategies/operation_priorities.hpp"
#include "strategies/profile.hpp"
#include "strategies/sampling.hpp"

#include <cstdint>
#include <vector>

namespace heddle::check {

class surw_strategy final : public sampling_strategy {
 public:
  // `counts` must outlive it.
  surw_strategy(std::uint64_t seed, const profile& counts) : sampling_strategy(seed), counts_(counts) {}

  [[nodiscard]] bool begin(std::uint64_t index) noexcept override;
  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override;

 private:
  static constexpr std::uint32_t patience_each = 100;  // decisions for each thread that can run
  static constexpr std::uint32_t all_one_in = 8;

  struct thread_state {
    bool seen = false;
    bool held = false;            // before an interesting operation that another is intended to do
    std::uint32_t remaining = 0;  // interesting operations, those of threads still to be created included
  };

  bool is_interesting(const sim::operation& next) const noexcept {
    if (!profile::counts(next.kind)) return false;
    return object_ == 0 ? next.object != 0 : next.object == object_;
  }
  void meet(const sim::scheduling_point& point);
  void intend(const sim::scheduling_point& point);
  void release_all() noexcept;
  void give_up() noexcept;
  sim::thread_id highest_free(const sim::scheduling_point& point);

  const profile& counts_;
  sim::object_id object_ = 0;          // the interesting one; 0: all are
  std::vector<std::uint32_t> totals_;  // by thread: interesting operations of it and its descendants
  std::vector<thread_state> threads_;
  operation_priorities priorities_;
  sim::thread_id intended_ = sim::no_thread;
  std::uint32_t waited_ = 0;  // decisions since something interesting was done
};

}  // namespace heddle::check
