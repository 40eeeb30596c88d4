// System calls by number: the futex, which is how std::atomic::wait and its kin, and locks that programs write for
// themselves, wait; and those that have a simulated function of their own. Others are let through, named once.
//
// The priority-inheriting operations keep the owner's thread id in the word, as the kernel does; priorities have no
// meaning here.
#include "../instrument/weak_atomics.hpp"
#include "../objects/waits.hpp"
#include "clocks.hpp"
#include "identity.hpp"
#include "random.hpp"
#include "real.hpp"
#include "unsimulated.hpp"

#include <cerrno>
#include <csignal>
#include <cstdarg>

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace heddle::sim;

namespace {

long failed(int error) noexcept {
  errno = error;
  return -1;
}

// Before operations that look at the word and change it in one step.
void point_at_word(execution& machine, const std::uint32_t* word, std::uintptr_t pc) {
  if (machine.interleaves()) {
    machine.point(
        {.kind = operation_kind::futex_wake, .writes = true, .object = machine.identity(word, object_kind::word)}, pc);
  } else if (machine.tells_touches()) {
    machine.tell(operation_kind::futex_wake, word);
  }
}

// As the kernel stores, and as the program's own atomic operations are to see it.
void store(execution& machine, std::uint32_t* word, std::uint32_t value) {
  if (machine.weak()) {
    store_weakly(machine, {.address = word, .size = sizeof value}, value, __ATOMIC_SEQ_CST);
  } else {
    __atomic_store_n(word, value, __ATOMIC_SEQ_CST);
  }
}

std::uint64_t deadline_of(const execution& machine, int operation, const timespec& timeout) noexcept {
  // FUTEX_WAIT takes a span, the others a point in time; FUTEX_LOCK_PI always of the real-time clock.
  const int command = operation & FUTEX_CMD_MASK;
  if (command == FUTEX_WAIT) return machine.now() + nanoseconds_of(timeout);
  const bool real = (operation & FUTEX_CLOCK_REALTIME) != 0 || command == FUTEX_LOCK_PI;
  return heddle::sim::deadline_of(timeout, real ? CLOCK_REALTIME : CLOCK_MONOTONIC);
}

long futex_wait(execution& machine, const std::uint32_t* word, int operation, std::uint32_t value,
                const timespec* timeout, std::uint32_t bits, std::uintptr_t pc) {
  if (bits == 0 || (timeout != nullptr && !is_valid(*timeout))) return failed(EINVAL);
  const std::uint64_t deadline = timeout == nullptr ? no_deadline : deadline_of(machine, operation, *timeout);
  switch (wait_on_futex(machine, word, value, bits, deadline, pc)) {
    case futex_result::woken:
      return 0;
    case futex_result::value_differs:
      return failed(EAGAIN);
    case futex_result::timed_out:
      return failed(ETIMEDOUT);
    case futex_result::interrupted:
      return failed(EINTR);
  }
  return failed(EINVAL);
}

// FUTEX_WAKE_OP: changes the second word, wakes those of the first, and those of the second if its old value compares.
long wake_operation(execution& machine, const std::uint32_t* first, std::uint32_t* second, std::uint32_t first_count,
                    std::uint32_t second_count, std::uint32_t encoded, std::uintptr_t pc) {
  const auto operation = (encoded >> 28) & 7u;
  const auto comparison = (encoded >> 24) & 15u;
  const auto sign_extended = [](std::uint32_t bits) { return static_cast<std::int32_t>(bits << 20) >> 20; };
  std::int32_t argument = sign_extended((encoded >> 12) & 0xfffu);
  const std::int32_t compared = sign_extended(encoded & 0xfffu);
  if ((encoded >> 28 & FUTEX_OP_OPARG_SHIFT) != 0) argument = static_cast<std::int32_t>(1u << (argument & 31));
  point_at_word(machine, second, pc);
  const auto old = static_cast<std::int32_t>(__atomic_load_n(second, __ATOMIC_SEQ_CST));
  const auto changed = [&]() -> std::int32_t {
    switch (operation) {
      case FUTEX_OP_SET:
        return argument;
      case FUTEX_OP_ADD:
        return static_cast<std::int32_t>(static_cast<std::uint32_t>(old) + static_cast<std::uint32_t>(argument));
      case FUTEX_OP_OR:
        return old | argument;
      case FUTEX_OP_ANDN:
        return old & ~argument;
      default:
        return old ^ argument;
    }
  }();
  store(machine, second, static_cast<std::uint32_t>(changed));
  const bool holds = [&] {
    switch (comparison) {
      case FUTEX_OP_CMP_EQ:
        return old == compared;
      case FUTEX_OP_CMP_NE:
        return old != compared;
      case FUTEX_OP_CMP_LT:
        return old < compared;
      case FUTEX_OP_CMP_LE:
        return old <= compared;
      case FUTEX_OP_CMP_GT:
        return old > compared;
      default:
        return old >= compared;
    }
  }();
  const std::uint32_t woken = wake_futex(machine, first, first_count, futex_any, pc);
  return woken + (holds ? wake_futex(machine, second, second_count, futex_any, pc) : 0);
}

long lock_with_priority(execution& machine, std::uint32_t* word, int operation, const timespec* timeout,
                        std::uintptr_t pc) {
  if (timeout != nullptr && !is_valid(*timeout)) return failed(EINVAL);
  const std::uint64_t deadline = timeout == nullptr ? no_deadline : deadline_of(machine, operation, *timeout);
  const auto own = static_cast<std::uint32_t>(gettid());
  point_at_word(machine, word, pc);
  for (;;) {
    const std::uint32_t held = __atomic_load_n(word, __ATOMIC_SEQ_CST);
    if ((held & FUTEX_TID_MASK) == 0) {
      store(machine, word, own | (held & FUTEX_WAITERS));
      machine.acquire_from(machine.object(word, object_kind::word).released);
      return 0;
    }
    if ((held & FUTEX_TID_MASK) == own) return failed(EDEADLK);
    if ((operation & FUTEX_CMD_MASK) == FUTEX_TRYLOCK_PI) return failed(EAGAIN);
    store(machine, word, held | FUTEX_WAITERS);
    if (wait_on_futex(machine, word, held | FUTEX_WAITERS, futex_any, deadline, pc) == futex_result::timed_out) {
      return failed(ETIMEDOUT);
    }
  }
}

long unlock_with_priority(execution& machine, std::uint32_t* word, std::uintptr_t pc) {
  const auto own = static_cast<std::uint32_t>(gettid());
  point_at_word(machine, word, pc);
  if ((__atomic_load_n(word, __ATOMIC_SEQ_CST) & FUTEX_TID_MASK) != own) return failed(EPERM);
  const bool more = waiters_of_futex(machine, word) > 1;
  machine.release_into(machine.object(word, object_kind::word).released);
  store(machine, word, more ? FUTEX_WAITERS : 0);
  wake_futex(machine, word, 1, futex_any, pc);
  return 0;
}

long futex(execution& machine, const long (&arguments)[6], std::uintptr_t pc) {
  auto* const word = reinterpret_cast<std::uint32_t*>(arguments[0]);
  const int operation = static_cast<int>(arguments[1]);
  const auto value = static_cast<std::uint32_t>(arguments[2]);
  const auto* const timeout = reinterpret_cast<const timespec*>(arguments[3]);
  auto* const second = reinterpret_cast<std::uint32_t*>(arguments[4]);
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
      return bits == 0 ? failed(EINVAL) : wake_futex(machine, word, value, bits, pc);
    case FUTEX_WAKE_OP:
      return wake_operation(machine, word, second, value, second_count, bits, pc);
    case FUTEX_CMP_REQUEUE:
      point_at_word(machine, word, pc);
      if (__atomic_load_n(word, __ATOMIC_SEQ_CST) != bits) return failed(EAGAIN);
      [[fallthrough]];
    case FUTEX_REQUEUE: {
      const std::uint32_t woken = wake_futex(machine, word, value, futex_any, pc);
      return woken + requeue_futex(machine, word, second, second_count);
    }
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2:
    case FUTEX_TRYLOCK_PI:
      return lock_with_priority(machine, word, operation, timeout, pc);
    case FUTEX_UNLOCK_PI:
      return unlock_with_priority(machine, word, pc);
    default:
      return failed(ENOSYS);
  }
}

}  // namespace

extern "C" long syscall(long number, ...) noexcept {
  long arguments[6];
  va_list list;
  va_start(list, number);
  for (long& argument : arguments) argument = va_arg(list, long);
  va_end(list);
  if (execution* const machine = running(); machine != nullptr) {
    switch (number) {
      case SYS_futex:
        return futex(*machine, arguments, HEDDLE_CALLER);
      case SYS_gettid:
        return gettid();
      case SYS_getpid:
        return getpid();
      case SYS_tgkill:
        return tgkill(static_cast<pid_t>(arguments[0]), static_cast<pid_t>(arguments[1]),
                      static_cast<int>(arguments[2]));
      case SYS_sched_yield:
        yield_thread(*machine, HEDDLE_CALLER);
        return 0;
      case SYS_getcpu:
        return getcpu(reinterpret_cast<unsigned*>(arguments[0]), reinterpret_cast<unsigned*>(arguments[1]));
      case SYS_getrandom:
        fill_with_random_bytes(*machine, reinterpret_cast<void*>(arguments[0]), static_cast<size_t>(arguments[1]));
        return arguments[1];
      case SYS_clock_gettime:
        return clock_gettime(static_cast<clockid_t>(arguments[0]), reinterpret_cast<timespec*>(arguments[1]));
      case SYS_nanosleep: {
        const auto* const span = reinterpret_cast<const timespec*>(arguments[0]);
        if (!is_valid(*span) || span->tv_sec < 0) return failed(EINVAL);
        sleep_until(*machine, machine->now() + nanoseconds_of(*span), HEDDLE_CALLER);
        return 0;
      }
      default:
        note_system_call(number);
    }
  }
  return HEDDLE_REAL(syscall)(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
                              arguments[5]);
}
