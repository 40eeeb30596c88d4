// A decision source that follows a record, and says where the execution no longer fits it.
//
// How it works. Each question takes the next entry of the record. When the entry is of another kind, or names a thread
// that cannot run, or the record has ended, the execution has diverged: from there on the running thread goes on, or
// else the first candidate is taken. A record that has not been used up at the end diverged as well.
#pragma once

#include "heddle/sim/decision.hpp"
#include "strategies/record.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace heddle::check {

class replay_source final : public sim::decision_source {
 public:
  // `record` must outlive it.
  explicit replay_source(const decision_record& record) noexcept : record_(record) {}

  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override;
  std::uint32_t choose(sim::choice_kind kind, std::uint32_t candidates) noexcept override;

  bool has_diverged() const noexcept { return diverged_ != mismatch::none; }
  // After the execution: a sentence on where it left the record; nothing if it followed it to the end.
  std::optional<std::string> divergence() const;

 private:
  enum class mismatch : std::uint8_t { none, ended, other_question, not_runnable, out_of_range };

  // The current entry if it is of that kind, else null and the divergence is noted.
  const decision* expect(bool thread_question) noexcept;
  void diverge(mismatch why) noexcept;
  void consume() noexcept;

  const decision_record& record_;
  std::size_t position_ = 0;
  std::uint32_t usual_done_ = 0;  // of the run of usual decisions at position_
  std::uint64_t asked_ = 0;
  mismatch diverged_ = mismatch::none;
  std::uint64_t diverged_at_ = 0;  // number of the question, from 1
};

}  // namespace heddle::check
