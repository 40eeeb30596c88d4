#include "program/fork_runner.hpp"

#include "program/result_text.hpp"
#include "program/transcript.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace heddle::check {

namespace {

// Of the time after which a schedule is stuck; sim::watchdog_signal() says how many.
constexpr int ticks_until_stuck = 4;
// Ticks after which a stuck schedule that did not say so itself is killed.
constexpr int ticks_until_killed = 8;

// What a child writes first where its result would stand.
enum class ending : std::uint8_t { none, result, fatal };

// The buffer that a fatal error of the machine in this forked process goes to.
shared_buffer* fatal_errors = nullptr;

void report_fatal(const char* message) {
  end_transcript(*fatal_errors);
  fatal_errors->put(ending::fatal);
  fatal_errors->put(std::string_view(message));
  _exit(0);
}

std::system_error last_error(const char* what) {
  return {errno, std::generic_category(), what};
}

sim::machine_options machine_options_of(const program_options& chosen, bool replays) {
  sim::machine_options result = machine_options_of(chosen.explore);
  result.own_watchdog = replays;
  return result;
}

std::chrono::nanoseconds cpu_time_of(pid_t process) {
  clockid_t clock{};
  timespec used{};
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &used) != 0) return {};
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

// The failure of a process that ended without a word.
sim::failure died(int wait_status) {
  sim::failure how;
  how.kind = sim::failure_kind::crash;
  if (WIFSIGNALED(wait_status)) {
    how.signal = WTERMSIG(wait_status);
    how.message = fmt::format("the program crashed: {}, which ended its process at once", strsignal(how.signal));
    if (how.signal == SIGKILL) {
      how.kind = sim::failure_kind::step_limit;
      how.message =
          "the process was killed: the execution was stuck and blocked the signal that ends it, or memory ran out";
    }
  } else {
    how.message = fmt::format(
        "the process ended with status {} in a way the machine does not see, such as a system call of the program's "
        "own",
        WEXITSTATUS(wait_status));
  }
  return how;
}

}  // namespace

fork_runner::fork_runner(const program_options& chosen, const sim::program& what, bool replays)
    : program_(what),
      stuck_after_(chosen.explore.stuck_after),
      machine_(machine_options_of(chosen, replays)),
      streams_(chosen.output == output_use::failing) {}

const sim::execution_result& fork_runner::run(const request& what) {
  streams_.rewind();
  if (what.why == purpose::follow_token) return run_here(what);
  buffer_.clear();
  const pid_t child = fork();
  if (child < 0) throw last_error("a process for the next schedule");
  if (child == 0) run_forked(what);
  receive(what, wait_for(child));
  note_status();
  return result_;
}

const sim::execution_result& fork_runner::run_here(const request& what) {
  result_ = machine_.run_program(what.source, program_, what.observer);
  std::fflush(nullptr);
  note_status();
  return result_;
}

void fork_runner::run_forked(const request& what) {
  // Whoever stops the exploration stops its schedules.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  streams_.enter();
  fatal_errors = &buffer_;
  sim::set_fatal_handler(&report_fatal);
  transcript_writer writer(what.source, what.observer, buffer_);
  sim::decision_source& source = what.source_remembers ? writer : what.source;
  sim::event_observer* const observer = what.observer != nullptr ? &writer : nullptr;
  const sim::execution_result& result = machine_.run_program(source, program_, observer);
  end_transcript(buffer_);
  buffer_.put(ending::result);
  put_result(buffer_, result);
  // The program's last words, where it ended otherwise than by exit: a crash may have left the streams in disorder, so
  // the result is safe by now.
  if (!result.failures.empty() || result.exit_status) std::fflush(nullptr);
  _exit(0);
}

int fork_runner::wait_for(pid_t child) const {
  if (stuck_after_.count() > 0) {
    const auto descriptor = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
    if (descriptor >= 0) {
      watch(child, descriptor);
      close(descriptor);
    }
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) throw last_error("waiting for a schedule");
  }
  return status;
}

void fork_runner::watch(pid_t child, int descriptor) const {
  using std::chrono::nanoseconds;
  const nanoseconds tick = stuck_after_ / ticks_until_stuck;
  const auto wait_ms = static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(tick).count());
  nanoseconds used{};
  pollfd end{.fd = descriptor, .events = POLLIN, .revents = 0};
  for (int ticks = 0; poll(&end, 1, wait_ms) == 0;) {
    const nanoseconds now_used = cpu_time_of(child);
    const nanoseconds since = now_used - used;
    used = now_used;
    // A schedule that the system gives no time to is not stuck: only one that uses its time, or wants none.
    const bool starved = since > tick / 100 && since < tick / 2;
    if (starved) continue;
    kill(child, ++ticks > ticks_until_killed ? SIGKILL : sim::watchdog_signal());
  }
}

void fork_runner::receive(const request& what, int wait_status) {
  repeat_transcript(buffer_, what.source, what.observer);
  if (buffer_.overflowed()) {
    throw std::runtime_error(
        "the events of one schedule take more than 1 GiB: lower options::steps_max, or take another strategy");
  }
  switch (buffer_.get<ending>()) {
    case ending::result:
      result_ = get_result(buffer_);
      return;
    case ending::fatal:
      throw std::runtime_error(buffer_.get_text());
    case ending::none:
      result_ = {};
      result_.abandoned = true;
      result_.failures.push_back(died(wait_status));
  }
}

void fork_runner::note_status() {
  if (result_.exit_status.value_or(0) == 0) return;
  if (nonzero_exits_++ == 0) first_nonzero_status_ = *result_.exit_status;
}

}  // namespace heddle::check
