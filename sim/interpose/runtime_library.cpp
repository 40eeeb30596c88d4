// What the C++ runtime library asks of the system for threads: guards of function-local statics,
// destructors of thread_local objects, and the futex behind std::atomic::wait and its kin.
#include "../instrument/weak_atomics.hpp"
#include "../objects/waits.hpp"
#include "clocks.hpp"
#include "real.hpp"

#include <cerrno>
#include <cstdarg>

#include <cxxabi.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace heddle::sim;

namespace {

// The Itanium ABI: the first byte of a guard tells that the object is initialised.
bool guard_is_done(const void* guard) noexcept {
  return __atomic_load_n(static_cast<const char*>(guard), __ATOMIC_ACQUIRE) != 0;
}

// Instrumented code reads the first byte with an acquire load, so it is written as an atomic word.
void mark_done(execution& machine, __cxxabiv1::__guard* guard) {
  if (machine.weak() && machine.interleaves()) {
    store_weakly(machine, {.address = guard, .size = 1}, 1, __ATOMIC_RELEASE);
  } else {
    __atomic_store_n(reinterpret_cast<char*>(guard), 1, __ATOMIC_RELEASE);
  }
}

template <typename Result>
Result real_guard_call(__cxxabiv1::__guard* guard, const char* name) {
  return next_definition<Result(__cxxabiv1::__guard*)>(name)(guard);
}

long failed(int error) noexcept {
  errno = error;
  return -1;
}

long futex_wait(execution& machine, const std::uint32_t* word, int operation, std::uint32_t value,
                const timespec* timeout, std::uint32_t bits, std::uintptr_t pc) {
  std::uint64_t deadline = no_deadline;
  if (timeout != nullptr) {
    if (!is_valid(*timeout)) return failed(EINVAL);
    // FUTEX_WAIT takes a span, FUTEX_WAIT_BITSET a point in time.
    const bool absolute = (operation & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET;
    const clockid_t clock = (operation & FUTEX_CLOCK_REALTIME) != 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC;
    deadline = absolute ? deadline_of(*timeout, clock) : machine.now() + nanoseconds_of(*timeout);
  }
  switch (wait_on_futex(machine, word, value, bits, deadline, pc)) {
    case futex_result::woken:
      return 0;
    case futex_result::value_differs:
      return failed(EAGAIN);
    case futex_result::timed_out:
      return failed(ETIMEDOUT);
  }
  return failed(EINVAL);
}

long futex(execution& machine, const long (&arguments)[6], std::uintptr_t pc) {
  const auto* const word = reinterpret_cast<const std::uint32_t*>(arguments[0]);
  const int operation = static_cast<int>(arguments[1]);
  const auto value = static_cast<std::uint32_t>(arguments[2]);
  const auto* const timeout = reinterpret_cast<const timespec*>(arguments[3]);
  const auto* const second = reinterpret_cast<const std::uint32_t*>(arguments[4]);
  const auto bits = static_cast<std::uint32_t>(arguments[5]);
  const auto second_count = static_cast<std::uint32_t>(arguments[3]);
  switch (operation & FUTEX_CMD_MASK) {
    case FUTEX_WAIT:
      return futex_wait(machine, word, operation, value, timeout, futex_any, pc);
    case FUTEX_WAIT_BITSET:
      return futex_wait(machine, word, operation, value, timeout, bits, pc);
    case FUTEX_WAKE:
      return wake_futex(machine, word, value, futex_any, pc);
    case FUTEX_WAKE_BITSET:
      return wake_futex(machine, word, value, bits, pc);
    case FUTEX_CMP_REQUEUE:
      if (__atomic_load_n(word, __ATOMIC_SEQ_CST) != bits) return failed(EAGAIN);
      [[fallthrough]];
    case FUTEX_REQUEUE: {
      const std::uint32_t woken = wake_futex(machine, word, value, futex_any, pc);
      return woken + requeue_futex(machine, word, second, second_count);
    }
    default:
      return failed(ENOSYS);
  }
}

}  // namespace

namespace __cxxabiv1 {

extern "C" int __cxa_guard_acquire(__guard* guard) {
  execution* const machine = running();
  if (machine == nullptr) {
    return real_guard_call<int>(guard, "__cxa_guard_acquire");
  }
  return begin_once(*machine, guard, &guard_is_done, HEDDLE_CALLER) ? 1 : 0;
}

extern "C" void __cxa_guard_release(__guard* guard) noexcept {
  execution* const machine = running();
  if (machine == nullptr) {
    real_guard_call<void>(guard, "__cxa_guard_release");
    return;
  }
  mark_done(*machine, guard);
  end_once(*machine, guard);
}

extern "C" void __cxa_guard_abort(__guard* guard) noexcept {
  execution* const machine = running();
  if (machine == nullptr) {
    real_guard_call<void>(guard, "__cxa_guard_abort");
    return;
  }
  end_once(*machine, guard);
}

}  // namespace __cxxabiv1

extern "C" {

int __cxa_thread_atexit_impl(void (*destructor)(void*), void* object, void* library);

int __cxa_thread_atexit(void (*destructor)(void*), void* object, void* library) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return __cxa_thread_atexit_impl(destructor, object, library);
  machine->current().destructors.push_back({.function = destructor, .object = object});
  return 0;
}

long syscall(long number, ...) noexcept {
  long arguments[6];
  va_list list;
  va_start(list, number);
  for (long& argument : arguments) argument = va_arg(list, long);
  va_end(list);
  if (execution* const machine = running(); machine != nullptr) {
    if (number == SYS_futex) return futex(*machine, arguments, HEDDLE_CALLER);
    if (number == SYS_gettid) return gettid();
    if (number == SYS_sched_yield) {
      yield_thread(*machine, HEDDLE_CALLER);
      return 0;
    }
  }
  return HEDDLE_REAL(syscall)(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
                              arguments[5]);
}

}  // extern "C"
