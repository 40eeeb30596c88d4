// A test binary that runs as a process of its own, within bounds.
//
// How it works. Each process has a group of its own, a channel (channel_reader.hpp), and a pipe for what it prints, of
// which the end is kept. It dies with this command, however that ends, and the kernel takes it first when memory runs
// out. The bounds are looked at about ten times a second: the time it may take in all, the time without a sign of
// life on the channel, and the memory of it and its descendants. Who goes past one is killed with its whole group.
//
// Thread safety: none; one thread uses it.
//
// Limits: memory is what the processes have in use, so that a burst between two looks goes past the bound. Descendants
// that leave the group are not killed.
#pragma once

#include "cli/channel_reader.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

namespace heddle::cli {

struct command_line {
  std::vector<std::string> words;
  std::vector<std::pair<std::string, std::string>> set;  // variables
  std::vector<std::string> unset;                        // names of variables
};

struct process_bounds {
  std::chrono::milliseconds time{0};     // 0: any
  std::chrono::milliseconds silence{0};  // 0: any
  std::uint64_t memory = 0;              // bytes; 0: any
};

enum class output_use : std::uint8_t {
  kept,    // the end of it, for when it is wanted
  passed,  // to where the command prints
};

class process {
 public:
  using clock = std::chrono::steady_clock;

  enum class ending : std::uint8_t { runs, exited, signalled, out_of_time, silent, out_of_memory, stopped };

  // Starts it. Throws std::system_error if that fails.
  process(const command_line& what, const process_bounds& bounds, output_use output);
  process(const process&) = delete;
  process& operator=(const process&) = delete;
  // Kills it, if it still runs.
  ~process();

  // What to poll for: its end, and what it prints (-1: nothing).
  int end_descriptor() const noexcept { return end_; }
  int output_descriptor() const noexcept { return output_; }

  // Reads what it printed, and looks whether it has ended and keeps to its bounds. Returns whether it still runs.
  bool look(clock::time_point now);
  // What has been printed meanwhile.
  void read_output();
  void stop();

  ending how() const noexcept { return how_; }
  // The exit status, or the signal.
  int code() const noexcept { return code_; }
  // A clause such as "ended by signal 11 (Segmentation fault)".
  std::string end_text() const;
  const std::string& output() const noexcept { return kept_; }
  channel_reader& channel() noexcept { return channel_; }
  const channel_reader& channel() const noexcept { return channel_; }
  std::chrono::milliseconds duration() const noexcept;

 private:
  void kill_group(ending why);
  bool shows_life();
  std::uint64_t memory() const;

  const process_bounds bounds_;
  channel_reader channel_;
  pid_t id_ = -1;
  int end_ = -1;
  int output_ = -1;
  const clock::time_point begun_;
  clock::time_point ended_;
  clock::time_point last_life_;
  clock::time_point next_look_;
  std::uint64_t schedules_ = 0;
  std::uint64_t said_ = 0;
  ending how_ = ending::runs;
  ending killed_ = ending::runs;  // why, if it was
  int code_ = 0;
  std::string kept_;
};

// Waits until one of the processes prints or ends, or the time has passed, or a signal came.
void wait_for_any(const std::vector<process*>& all, std::chrono::milliseconds longest);

// SIGINT and SIGTERM ask for an end: from now on they set a flag. One that comes more than a second after the first
// ends the command at once.
void catch_interrupts();
bool is_interrupted() noexcept;

// Bytes of memory that one of `jobs` processes may take on this machine, by default.
std::uint64_t memory_for_each(unsigned jobs);

}  // namespace heddle::cli
