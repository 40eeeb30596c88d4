// The state that an execution has come to, as a hash of how it came there: of who did what in which order, as far as
// the order matters.
//
// How it works. Each operation is hashed with what its thread has done before, with the answers it was given, and with
// the last change of each object that it touches. The state is the sum over all transitions, of which the last
// operation tells. So two executions that differ only in the order of independent transitions have the same hash. Who
// looked before a change and who after it is told by the hashes of those who looked. Objects need no names: what a
// thread touches next follows from what it did and saw.
//
// Source: Musuvathi and Qadeer, "Partial-Order Reduction for Context-Bounded State Exploration", 2007.
#pragma once

#include "heddle/sim/decision.hpp"
#include "heddle/sim/event.hpp"
#include "strategies/exhaustive/object_map.hpp"
#include "strategies/exhaustive/touch_reader.hpp"
#include "strategies/generator.hpp"

#include <cstdint>
#include <vector>

namespace heddle::check {

class path_hash final : public sim::event_observer {
 public:
  explicit path_hash(sim::granularity level) noexcept : reader_(level == sim::granularity::task) {}

  // A new execution, whose first `kept` transitions are the same. REQUIRES: as many had ended.
  void restart(std::size_t kept);
  // What comes in this execution is of no interest.
  void stop() noexcept { stopped_ = true; }
  // How many transitions are over.
  std::size_t ended() const noexcept { return ended_; }

  // The running transition is over.
  void end_transition();
  // The next one begins, with what the thread has announced.
  void begin_transition(sim::thread_id thread, const sim::operation& next);
  // A choice of the running transition.
  void add_choice(sim::choice_kind kind, std::uint32_t answer) noexcept {
    if (is_hashed()) hash_ = mix(hash_ + (std::uint64_t{answer} << 8 | static_cast<std::uint64_t>(kind)) + 1);
  }
  // The state at a scheduling point, which is told from that with another thread running.
  std::uint64_t state(const sim::scheduling_point& point) const noexcept {
    const std::uint64_t running = point.current_runnable ? std::uint64_t{point.current} + 1 : 0;
    return mix(mix(all_ + running) + point.now);
  }

  void on_event(const sim::event& what, std::uintptr_t object) noexcept override;
  bool wants_touches() const noexcept override { return is_hashed(); }
  void on_touch(sim::operation_kind kind, std::uintptr_t object) noexcept override;

 private:
  // What a transition has changed here, to be taken back.
  struct ended_transition {
    sim::thread_id thread = 0;
    std::uint64_t thread_before = 0;
    std::uint64_t all_before = 0;
    std::size_t changes = 0;  // of objects, by it and those before
  };
  struct change {
    std::uintptr_t object = 0;
    std::uint64_t before = 0;
  };

  // Whether the running transition is.
  bool is_hashed() const noexcept { return !stopped_ && ended_ >= kept_; }
  void start(sim::thread_id thread);
  void add(const access& one) {
    std::uint64_t& last = objects_[one.object];
    hash_ = mix(hash_ + last + static_cast<std::uint64_t>(one.kind));
    if (only_looks(one.kind)) return;
    changes_.push_back({one.object, last});
    last = hash_;
  }

  touch_reader reader_;
  std::vector<std::uint64_t> threads_;  // hash of what each had done when its last transition ended
  object_map<std::uint64_t> objects_;   // that of the last change
  std::uint64_t all_ = 0;
  std::vector<ended_transition> transitions_;
  std::vector<change> changes_;

  std::size_t kept_ = 0;
  std::size_t ended_ = 0;
  sim::thread_id thread_ = 0;  // the running one
  std::uint64_t hash_ = 0;     // of what it has done
  bool stopped_ = false;
};

}  // namespace heddle::check
