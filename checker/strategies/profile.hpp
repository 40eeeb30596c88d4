// What the first schedule of an exploration showed, for strategies that want to know before they choose.
//
// How it works. profiled_strategy decides schedule 0 by one strategy, and is told its events afterwards; all later
// schedules are another strategy's, which may look at the counts. A replay runs schedule 0 before any other, so the
// counts are the same there.
//
// Limit: threads and objects are numbered in the order of their creation and first use, which may differ in another
// schedule, as the counts may. All of it is an estimate.
#pragma once

#include "strategies/strategy.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <utility>
#include <vector>

namespace heddle::check {

class profile {
 public:
  profile() = default;
  explicit profile(std::span<const sim::event> events);

  // Whether operations() counts such operations: not those that nothing but the thread's own progress decides.
  static bool counts(sim::operation_kind kind) noexcept {
    return kind != sim::operation_kind::mutex_unlock && kind != sim::operation_kind::shared_unlock;
  }

  // Operations that had a scheduling point.
  std::uint64_t points() const noexcept { return points_; }
  // Objects that several threads use, one of them writing, in the order of their numbers.
  std::span<const sim::object_id> shared_objects() const noexcept { return shared_; }
  // By thread: the operations on `object` (0: on any) of it and of the threads that it and they created, but for those
  // that do not count. Each thread is taken to have one at least: the profile's schedule is a single one, in which it
  // may have gone another way.
  std::vector<std::uint32_t> operations(sim::object_id object) const;

 private:
  void find_shared();

  std::uint64_t points_ = 0;
  std::vector<sim::thread_id> parents_;                                      // by thread
  std::map<std::pair<sim::object_id, sim::thread_id>, std::uint32_t> done_;  // operations
  std::set<sim::object_id> written_;
  std::vector<sim::object_id> shared_;
};

class profiled_strategy final : public explorer_strategy {
 public:
  // `first` decides schedule 0.
  explicit profiled_strategy(std::unique_ptr<explorer_strategy> first) noexcept
      : first_(std::move(first)), current_(first_.get()) {}

  // What the strategy of the later schedules may look at when one begins.
  const profile& counts() const noexcept { return counts_; }
  void set_later(std::unique_ptr<explorer_strategy> later) noexcept { later_ = std::move(later); }

  [[nodiscard]] bool begin(std::uint64_t index) noexcept override;
  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override {
    return current_->choose_thread(point);
  }
  std::uint32_t choose(sim::choice_kind kind, std::uint32_t candidates) noexcept override {
    return current_->choose(kind, candidates);
  }
  priority_changes changes() const noexcept override { return current_->changes(); }
  void learn(std::span<const sim::event> first_schedule) override { counts_ = profile(first_schedule); }

 private:
  std::unique_ptr<explorer_strategy> first_;
  profile counts_;
  std::unique_ptr<explorer_strategy> later_;
  explorer_strategy* current_;
};

}  // namespace heddle::check
