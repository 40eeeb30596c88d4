// Stalls in production: what keeps a worker in one poll, so that its other tasks wait.
//
//     auto rt = heddle::runtime::builder().watch_stalls().build();    // prints each on standard error
//
// How it works. One thread watches; a worker pays nothing beyond the counter of polls that it keeps anyway. When that
// has stood still for the threshold, the watcher asks the kernel what the thread has done meanwhile, and the thread, by
// a signal, where it stands. Three causes are told apart: the thread sits in a system call, it computes, or the host
// gave it no processor. The last is not your code: it is counted and not reported.
//
// A stall that goes on is reported again after twice the time, and so on. At most reports_per_minute_max are made in a
// minute; the next one says how many were left out.
//
// Limits. Linux. A call of the system that a signal interrupts is resumed, except for those that never are (poll,
// epoll_wait, nanosleep and their like): code that does not expect EINTR from them may be surprised, and there
// `backtrace` is to be switched off. A stack is missing when an exception is in flight. The thread of a block_on beside
// workers, and blocking calls, are not watched. In a build for checking nothing is watched: there, stalls are findings
// before they happen.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace heddle {

enum class stall_cause : std::uint8_t {
  blocked,  // in the kernel
  busy,     // on the processor
  starved,  // ready, and given none by the host
};

struct stall {
  stall_cause cause = stall_cause::blocked;
  std::size_t worker = 0;              // its index
  int thread = 0;                      // its id, as the system shows it
  std::chrono::nanoseconds lasted{0};  // so far
  std::chrono::nanoseconds on_cpu{0};  // of that, on the processor
  std::string system_call{};           // such as "futex"; empty unless blocked, and where the system does not say
  std::vector<void*> stack{};          // return addresses, innermost first
  std::uint64_t suppressed = 0;        // reports left out since the last one
  std::uint64_t starved = 0;           // times that the host starved a worker since the last report

  // For a reader: a sentence, and the stack, one frame a line. Ends with a newline.
  std::string text() const;
};

struct stall_options {
  std::chrono::milliseconds threshold{25};   // at least 1 ms
  std::uint32_t reports_per_minute_max = 5;  // at least 1
  // Called on the watching thread for each report, and must not throw. Empty: prints stall::text() on standard error.
  std::function<void(const stall&)> on_stall{};
  bool backtrace = true;  // by a real-time signal, SIGRTMIN + 8
};

}  // namespace heddle
