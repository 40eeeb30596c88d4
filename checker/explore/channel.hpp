// What a test binary tells the `heddle` command that runs it: which tests it has, what it is about to do, what came of
// it.
//
// How it works. HEDDLE_CHANNEL names a file that the command made, see channel_page.hpp for what stands in it. A
// schedule costs two stores and a register of the sketch; events are lines, and written when a test or an exploration
// begins or ends.
//
// Thread safety: used by the thread that explores, outside of executions.
//
// Invariant: a channel that fails takes no test with it. What cannot be written is dropped.
#pragma once

#include "explore/channel_page.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace heddle::check {

class channel {
 public:
  // The file is `path`; `why` says why there is none.
  static channel* open(const std::string& path, std::string& why);

  // `token` is that of its schedule 0.
  void exploration_begins(const std::string& name, std::string_view token);
  void schedule_begins(std::uint64_t index) noexcept {
    page_->schedule.store(index, std::memory_order_relaxed);
    // One thread writes: no locked operation is needed.
    page_->schedules.store(page_->schedules.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  void schedule_ended(std::uint64_t order_hash) noexcept { page_->seen.add(order_hash); }

  void test_begins(const std::string& test);
  enum class test_outcome : std::uint8_t { passed, failed, skipped };
  void test_ended(const std::string& test, test_outcome outcome, std::int64_t milliseconds);
  // `json` is a report, whole, or that of one finding of an exploration that goes on.
  void report_whole(std::string_view json);
  void report_finding(std::string_view json);

  // One JSON object, without a newline.
  void say(std::string_view event);

 private:
  channel(channel_page* page, int descriptor) noexcept : page_(page), descriptor_(descriptor) {}

  channel_page* const page_;
  const int descriptor_;
  std::uint64_t end_ = channel_page_size;
};

// That of HEDDLE_CHANNEL, opened when it is first asked for; null without one.
channel* current_channel();

}  // namespace heddle::check
