// Runs a whole program, each execution in a process forked where `main` begins: globals and static objects are as
// the static initialisers left them, every time.
//
// How it works. This process stays at the beginning of `main`. It prepares the strategy, forks, and waits. The
// forked process runs one execution on the machine it inherited and writes what came of it into shared memory; what the
// strategy and the observers were told goes there too, where they learn from it (transcript.hpp). A process that dies
// without a result is a crash of the program.
//
// While it waits, this process takes the watchdog's part: a timer would not survive the fork, and making one would
// cost each schedule three system calls. A schedule that uses neither CPU time nor has none left is stuck all the same:
// then it blocks in a call that the machine does not simulate.
//
// A replayed schedule runs in this process, where a debugger finds it. It is the last.
//
// Limits: one forked process at a time; threads that static initialisers started are not in the forked process;
// addresses of libraries loaded in a schedule have no names in reports.
#pragma once

#include "explore/runner.hpp"
#include "heddle/check/program.hpp"
#include "program/shared_buffer.hpp"
#include "program/standard_streams.hpp"

#include <cstdint>

#include <sys/types.h>

namespace heddle::check {

class fork_runner final : public runner {
 public:
  // `what` must outlive it. `replays`: a schedule will be run in this process.
  fork_runner(const program_options& chosen, const sim::program& what, bool replays);

  const sim::execution_result& run(const request& what) override;
  bool is_isolated() const noexcept override { return true; }
  void look_for_leaks(bool wanted) override { machine_.look_for_leaks(wanted); }
  void judge_failures_by(sim::failure_judge& judge) override { machine_.judge_failures_by(&judge); }
  std::string output() const override { return streams_.output(); }

  // Schedules that ended with an exit status other than 0, and the first such status.
  std::uint64_t nonzero_exits() const noexcept { return nonzero_exits_; }
  int first_nonzero_status() const noexcept { return first_nonzero_status_; }

 private:
  const sim::execution_result& run_here(const request& what);
  [[noreturn]] void run_forked(const request& what);
  int wait_for(pid_t child) const;
  void watch(pid_t child, int descriptor) const;
  void receive(const request& what, int wait_status);
  void note_status();

  const sim::program& program_;
  const std::chrono::nanoseconds stuck_after_;
  sim::machine machine_;
  shared_buffer buffer_;
  standard_streams streams_;
  sim::execution_result result_;
  std::uint64_t nonzero_exits_ = 0;
  int first_nonzero_status_ = 0;
};

}  // namespace heddle::check
