// A record of every decision of one execution, and the source that makes one.
//
// How it works. Most decisions are the usual ones: the running thread goes on, or a choice is answered by 0. Those are
// kept as run lengths. The encoded form is a series of entries, each a variable-length number (7 bits a byte, low
// first) whose two lowest bits tell what the rest is: 0 a run of usual decisions, 1 a thread that was switched to, 2 a
// choice (its kind in 4 bits, then the answer). Written in base 32, lower case, without padding: safe in a shell and in
// a file name.
//
// Invariant: encode and decode are inverse to each other; decode accepts nothing that encode cannot make.
#pragma once

#include "heddle/sim/decision.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::check {

struct decision {
  enum class what : std::uint8_t { usual, thread, choice };

  what kind = what::usual;
  sim::choice_kind choice = sim::choice_kind::test;
  std::uint32_t answer = 0;  // the thread, or the choice; of usual ones, their number

  friend bool operator==(const decision&, const decision&) = default;
};

class decision_record {
 public:
  void clear() { entries_.clear(); }
  void add_stay();
  void add_thread(sim::thread_id thread);
  // The answer to the question which thread goes on: to stay, or another thread.
  void add_answer(const sim::scheduling_point& point, sim::thread_id chosen);
  void add_choice(sim::choice_kind kind, std::uint32_t answer);

  const std::vector<decision>& entries() const noexcept { return entries_; }

  std::string encode() const;
  // Nothing if the text is not an encoded record.
  static std::optional<decision_record> decode(std::string_view text);

  friend bool operator==(const decision_record&, const decision_record&) = default;

 private:
  std::vector<decision> entries_;
};

// Passes every question on to another source and records its answers.
class recording_source final : public sim::decision_source {
 public:
  // Both must outlive it.
  recording_source(sim::decision_source& source, decision_record& record) noexcept : source_(source), record_(record) {}

  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override;
  std::uint32_t choose(sim::choice_kind kind, std::uint32_t candidates) noexcept override;

 private:
  sim::decision_source& source_;
  decision_record& record_;
};

}  // namespace heddle::check
