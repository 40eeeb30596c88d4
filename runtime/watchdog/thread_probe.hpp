// What the kernel, and a thread itself, say of a thread of this process.
//
// Thread safety. Any thread; stacks are taken one after the other.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace heddle::detail {

// From /proc/self/task/<id>/schedstat.
struct processor_time {
  std::chrono::nanoseconds used{0};    // on a processor
  std::chrono::nanoseconds waited{0};  // ready, without one
};

// The id of the calling thread, as the system shows it.
int own_thread_id() noexcept;

// Nothing where the system does not say, or the thread has ended.
std::optional<processor_time> processor_time_of(int thread);

// The system call in which the thread is, such as "futex", or its number; empty if it is in none.
std::string system_call_of(int thread);

// Prepares this process for stack_of: sets the handler of the signal, and lets libgcc load what it loads at the first
// backtrace. Once; later calls do nothing.
void prepare_stacks();

// Where the thread stands, innermost first: return addresses. Empty when it does not answer in time, or an exception is
// in flight there. REQUIRES: prepare_stacks was called.
std::vector<void*> stack_of(int thread);

}  // namespace heddle::detail
