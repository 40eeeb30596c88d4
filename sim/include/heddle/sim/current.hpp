// What code inside an execution can ask of the machine that runs it.
#pragma once

#include "heddle/sim/decision.hpp"
#include "heddle/sim/machine.hpp"

#include <cstdint>
#include <string>

namespace heddle::sim {

class execution;

// Whether the caller is a virtual thread of an execution (and not in a host_scope).
bool inside() noexcept;

// While it lives, calls and allocations of this virtual thread reach the real functions, and memory
// allocated outlives the execution. REQUIRES: no blocking call inside. A no-op outside an execution.
class host_scope {
 public:
  host_scope() noexcept;
  host_scope(const host_scope&) = delete;
  host_scope& operator=(const host_scope&) = delete;
  ~host_scope();

 private:
  execution* outer_;  // the execution to return to, or null
};

// While it lives, the calling virtual thread may block although it polls a task. A no-op outside an execution.
class blocking_scope {
 public:
  blocking_scope() noexcept;
  blocking_scope(const blocking_scope&) = delete;
  blocking_scope& operator=(const blocking_scope&) = delete;
  ~blocking_scope();

 private:
  std::uint32_t* depth_;  // of its thread, or null
};

// While it lives, the task that made it is not cancelled by a decision, and the tasks that are spawned in it, or in the
// thread outside of tasks, never are. It may outlive suspensions. A no-op outside an execution.
class uncancellable_scope {
 public:
  uncancellable_scope() noexcept;
  uncancellable_scope(const uncancellable_scope&) = delete;
  uncancellable_scope& operator=(const uncancellable_scope&) = delete;
  ~uncancellable_scope();

 private:
  std::uint32_t* depth_;  // of its task or thread, or null
};

// While it lives, allocations of the calling virtual thread may fail, as decisions. A no-op outside an execution.
class failing_allocations_scope {
 public:
  failing_allocations_scope() noexcept;
  failing_allocations_scope(const failing_allocations_scope&) = delete;
  failing_allocations_scope& operator=(const failing_allocations_scope&) = delete;
  ~failing_allocations_scope();

 private:
  std::uint32_t* depth_;  // of its thread, or null
};

// Records a failure of the execution and goes on. `file` may be null. REQUIRES: inside().
void note_failure(failure_kind kind, const std::string& message, const char* file = nullptr, unsigned line = 0);

// Records a failure and abandons the execution: no destructor runs. REQUIRES: inside().
[[noreturn]] void fail_execution(failure_kind kind, const std::string& message, const char* file = nullptr,
                                 unsigned line = 0);

// Whether the fault `name` happens here, as a decision. `name`: a string literal. False outside an execution.
bool fault(const char* name) noexcept;

// A decision of the test's own: a number below `candidates`. REQUIRES: inside(), candidates >= 1.
std::uint32_t choose(choice_kind kind, std::uint32_t candidates) noexcept;

}  // namespace heddle::sim
