// What can be asked of a thread, and set without an effect on the machine: stack, processors, priority.
#include "../machine/stack_slots.hpp"
#include "identity.hpp"
#include "real.hpp"
#include "thread_handles.hpp"

#include <cerrno>

#include <pthread.h>
#include <sched.h>

using namespace heddle::sim;

extern "C" {

// Where a virtual thread runs is the machine's business: any processor set and priority will do.
int pthread_setaffinity_np(pthread_t handle, size_t size, const cpu_set_t* set) noexcept {
  return running() == nullptr ? HEDDLE_REAL(pthread_setaffinity_np)(handle, size, set) : 0;
}

int pthread_getaffinity_np(pthread_t handle, size_t size, cpu_set_t* set) noexcept {
  if (running() == nullptr) return HEDDLE_REAL(pthread_getaffinity_np)(handle, size, set);
  CPU_ZERO_S(size, set);
  for (int cpu = 0; cpu < processors; ++cpu) CPU_SET_S(cpu, size, set);
  return 0;
}

int pthread_setschedparam(pthread_t handle, int policy, const sched_param* parameters) noexcept {
  return running() == nullptr ? HEDDLE_REAL(pthread_setschedparam)(handle, policy, parameters) : 0;
}

int pthread_getschedparam(pthread_t handle, int* policy, sched_param* parameters) noexcept {
  if (running() == nullptr) return HEDDLE_REAL(pthread_getschedparam)(handle, policy, parameters);
  *policy = SCHED_OTHER;
  *parameters = {};
  return 0;
}

int pthread_setschedprio(pthread_t handle, int priority) noexcept {
  return running() == nullptr ? HEDDLE_REAL(pthread_setschedprio)(handle, priority) : 0;
}

int sched_setaffinity(pid_t thread, size_t size, const cpu_set_t* set) noexcept {
  return running() == nullptr ? HEDDLE_REAL(sched_setaffinity)(thread, size, set) : 0;
}

int sched_getaffinity(pid_t thread, size_t size, cpu_set_t* set) noexcept {
  return running() == nullptr ? HEDDLE_REAL(sched_getaffinity)(thread, size, set)
                              : pthread_getaffinity_np(pthread_self(), size, set);
}

// CPU time is simulated time, and that is the same for all threads.
int pthread_getcpuclockid(pthread_t handle, clockid_t* clock) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_getcpuclockid)(handle, clock);
  if (thread_of(*machine, handle) == nullptr) return ESRCH;
  *clock = CLOCK_THREAD_CPUTIME_ID;
  return 0;
}

int pthread_getattr_np(pthread_t handle, pthread_attr_t* attributes) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_getattr_np)(handle, attributes);
  const virtual_thread* const target = thread_of(*machine, handle);
  if (target == nullptr) return ESRCH;
  const int error = pthread_attr_init(attributes);
  if (error != 0) return error;
  pthread_attr_setdetachstate(attributes, target->detached ? PTHREAD_CREATE_DETACHED : PTHREAD_CREATE_JOINABLE);
  pthread_attr_setguardsize(attributes, stack_slots::guard_size);
  return pthread_attr_setstack(attributes, target->stack_bottom, target->stack_size);
}

}  // extern "C"
