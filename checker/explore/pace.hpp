// How far an exploration is: its limits of schedules and time, and the progress line on a terminal.
//
// How it works. The clock is read only every so many schedules; that number doubles while reading it is more than once
// a millisecond, and halves when a schedule is slow. Without a time limit and a terminal it is never read.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace heddle::check {

class pace {
 public:
  using clock = std::chrono::steady_clock;

  struct limits {
    std::uint64_t schedules = 0;        // 0: none
    std::chrono::milliseconds time{0};  // 0: none
  };

  // `name` is what the progress line calls the exploration, `more` what it says beside the number of schedules.
  // `on_terminal`: whether there is to be one.
  pace(const limits& limit, std::string name, bool on_terminal, std::function<std::string()> more);
  pace(const pace&) = delete;
  pace& operator=(const pace&) = delete;
  // Wipes the progress line.
  ~pace();

  // Whether schedule number `done` (the number of those before it) may begin.
  bool goes_on(std::uint64_t done) {
    if (limit_.schedules != 0 && done >= limit_.schedules) return false;
    return done < next_look_ || look(done);
  }

 private:
  bool look(std::uint64_t done);
  void show(std::uint64_t done, clock::time_point now);

  const limits limit_;
  const std::string name_;
  const bool on_terminal_;
  const std::function<std::string()> more_;
  const clock::time_point begun_;
  clock::time_point last_look_;
  clock::time_point next_line_;
  std::uint64_t next_look_ = 0;
  std::uint64_t stride_ = 1;
  bool shown_ = false;
};

}  // namespace heddle::check
