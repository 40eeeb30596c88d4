// pthread_t inside an execution: the address of the virtual thread's record.
#pragma once

#include "../machine/execution.hpp"

#include <pthread.h>

namespace heddle::sim {

inline pthread_t handle_of(const virtual_thread& thread) noexcept {
  return reinterpret_cast<pthread_t>(&thread);
}

// The thread, or null when it is gone or never was one.
inline virtual_thread* thread_of(execution& machine, pthread_t handle) noexcept {
  return machine.thread_by_handle(reinterpret_cast<const void*>(handle));
}

// Where pthread_create and thrd_create meet: the thread's event is recorded. `stack_size` 0: the pooled size.
virtual_thread& create_recorded(execution& machine, void* (*start)(void*), void* argument, bool detached,
                                std::size_t stack_size, std::uintptr_t pc);
// An error number, with the deadline's as ETIMEDOUT.
int join_until(execution& machine, pthread_t handle, void** result, std::uint64_t deadline, std::uintptr_t pc);
int detach(execution& machine, pthread_t handle, std::uintptr_t pc);
// Runs `initialise` once for `control`, whose value is then 2.
void call_once_for(execution& machine, int* control, void (*initialise)(), std::uintptr_t pc);

}  // namespace heddle::sim
