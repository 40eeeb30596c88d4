// What a decision source and an observer were told in another process, told again to those of this one.
//
// How it works. A forked schedule works on copies of the source and the observer. transcript_writer stands before them
// there and notes each question with its answer, and each event, in the order they came; repeat_transcript asks the
// originals the same. As a source is a function of what it is asked, it then knows what its copy knew: a
// search, a record of decisions, or the check of a replayed one goes on from schedule to schedule as if there were one
// process.
#pragma once

#include "heddle/sim/decision.hpp"
#include "heddle/sim/event.hpp"
#include "program/shared_buffer.hpp"

namespace heddle::check {

class transcript_writer final : public sim::decision_source, public sim::event_observer {
 public:
  // All must outlive it; `observer` may be null.
  transcript_writer(sim::decision_source& source, sim::event_observer* observer, shared_buffer& buffer) noexcept
      : source_(source), observer_(observer), buffer_(buffer) {}

  bool wants_every_point() const noexcept override { return source_.wants_every_point(); }
  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override;
  std::uint32_t choose(sim::choice_kind kind, std::uint32_t candidates) noexcept override;
  void on_event(const sim::event& what, std::uintptr_t object) noexcept override;
  bool wants_touches() const noexcept override { return observer_ != nullptr && observer_->wants_touches(); }
  void on_touch(sim::operation_kind kind, std::uintptr_t object) noexcept override;

 private:
  sim::decision_source& source_;
  sim::event_observer* const observer_;
  shared_buffer& buffer_;
};

// After the last entry.
void end_transcript(shared_buffer& buffer) noexcept;

// Reads one transcript, to its end or to where a process that died left off. Throws std::logic_error where `source`
// answers otherwise than its copy did.
void repeat_transcript(shared_buffer& buffer, sim::decision_source& source, sim::event_observer* observer);

}  // namespace heddle::check
