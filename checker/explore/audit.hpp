// The determinism audit: whether a schedule, run again, does the same, event by event.
//
// How it works. event_log records the events of one execution. Two logs are compared by their length and
// event for event, `pc` apart.
//
// A difference is not always a fault: what a process sets up once (a function-local static, a cache) happens in the
// first run only. So the explorer repeats a schedule that differed: when repeats agree with each other, it was such a
// set-up. A few of those are let pass in one exploration, more are reported.
//
// Limit: events_max of an execution are kept (16 bytes each); the rest is compared by hash only.
#pragma once

#include "heddle/sim/event.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace heddle::check {

class event_log final : public sim::event_observer {
 public:
  static constexpr std::size_t events_max = std::size_t{1} << 20;

  void on_event(const sim::event& what, std::uintptr_t) noexcept override {
    if (events_.size() < events_max) events_.push_back(what);
  }

  void clear() noexcept { events_.clear(); }
  const std::vector<sim::event>& events() const noexcept { return events_; }

 private:
  std::vector<sim::event> events_;
};

// The first place where two logs differ: both events there, or nothing where a run had ended.
struct log_difference {
  std::size_t at = 0;
  std::optional<sim::event> first;
  std::optional<sim::event> second;
};

std::optional<log_difference> compare(std::span<const sim::event> first, std::span<const sim::event> second);

// Whether schedule `index` is in the sample. Number 0 is, unless the fraction is 0.
bool audited(double fraction, std::uint64_t seed, std::uint64_t index) noexcept;

}  // namespace heddle::check
