// Signals within the process; see objects/signal_delivery.hpp.
#include "../objects/signal_delivery.hpp"
#include "clocks.hpp"
#include "identity.hpp"
#include "real.hpp"
#include "replaceable.hpp"
#include "thread_handles.hpp"

#include <cerrno>

#include <pthread.h>
#include <unistd.h>

using namespace heddle::sim;

namespace {

// An error number.
int change_mask(execution& machine, int how, const sigset_t* set, sigset_t* previous) {
  const signal_bits mask = machine.current().signals.mask;
  if (previous != nullptr) *previous = set_of(mask);
  if (set == nullptr) return 0;
  switch (how) {
    case SIG_BLOCK:
      set_signal_mask(machine, mask | bits_of(*set));
      return 0;
    case SIG_UNBLOCK:
      set_signal_mask(machine, mask & ~bits_of(*set));
      return 0;
    case SIG_SETMASK:
      set_signal_mask(machine, bits_of(*set));
      return 0;
    default:
      return EINVAL;
  }
}

int failed(int error) noexcept {
  errno = error;
  return -1;
}

// The signal that came, with what sigwaitinfo tells of it; or -1 and errno.
int await_information(execution& machine, const sigset_t* set, siginfo_t* information, std::uint64_t deadline,
                      std::uintptr_t pc) {
  const int signal = await_signal(machine, bits_of(*set), deadline, pc);
  if (signal <= 0) return failed(signal == 0 ? EAGAIN : EINTR);
  if (information != nullptr) {
    *information = {};
    information->si_signo = signal;
    information->si_code = SI_TKILL;
    information->si_pid = process_id;
  }
  return signal;
}

}  // namespace

extern "C" {

int pthread_kill(pthread_t handle, int signal) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_kill)(handle, signal);
  virtual_thread* const target = thread_of(*machine, handle);
  if (target == nullptr) return ESRCH;
  if (signal == 0) return 0;
  if (!is_signal(signal)) return EINVAL;
  send_signal(*machine, *target, signal, HEDDLE_CALLER);
  return 0;
}

int raise(int signal) noexcept {
  execution* const machine = running();
  if (machine == nullptr || !is_signal(signal)) return HEDDLE_REAL(raise)(signal);
  send_signal(*machine, machine->current(), signal, HEDDLE_CALLER);
  return 0;
}

HEDDLE_REPLACEABLE int kill(pid_t process, int signal) noexcept {
  execution* const machine = running();
  if (machine == nullptr || process != process_id) return HEDDLE_REAL(kill)(process, signal);
  if (signal == 0) return 0;
  if (!is_signal(signal)) return failed(EINVAL);
  send_signal_to_process(*machine, signal, HEDDLE_CALLER);
  return 0;
}

int tgkill(pid_t process, pid_t thread, int signal) {
  execution* const machine = running();
  if (machine == nullptr || process != process_id) return HEDDLE_REAL(tgkill)(process, thread, signal);
  virtual_thread* const target = machine->thread_by_id(static_cast<thread_id>(thread - process_id));
  if (target == nullptr || target->state == run_state::finished) return failed(ESRCH);
  if (signal == 0) return 0;
  if (!is_signal(signal)) return failed(EINVAL);
  send_signal(*machine, *target, signal, HEDDLE_CALLER);
  return 0;
}

int pthread_sigmask(int how, const sigset_t* set, sigset_t* previous) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_sigmask)(how, set, previous);
  return change_mask(*machine, how, set, previous);
}

int sigprocmask(int how, const sigset_t* set, sigset_t* previous) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(sigprocmask)(how, set, previous);
  const int error = change_mask(*machine, how, set, previous);
  return error == 0 ? 0 : failed(error);
}

int sigpending(sigset_t* set) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(sigpending)(set);
  *set = set_of(machine->current().signals.pending | machine->process_signals().pending);
  return 0;
}

int sigwait(const sigset_t* set, int* result) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(sigwait)(set, result);
  int signal = -1;
  while (signal < 0) signal = await_signal(*machine, bits_of(*set), no_deadline, HEDDLE_CALLER);
  *result = signal;
  return 0;
}

int sigwaitinfo(const sigset_t* set, siginfo_t* information) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(sigwaitinfo)(set, information);
  return await_information(*machine, set, information, no_deadline, HEDDLE_CALLER);
}

int sigtimedwait(const sigset_t* set, siginfo_t* information, const timespec* timeout) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(sigtimedwait)(set, information, timeout);
  if (timeout != nullptr && !is_valid(*timeout)) return failed(EINVAL);
  const std::uint64_t deadline = timeout == nullptr ? no_deadline : machine->now() + nanoseconds_of(*timeout);
  return await_information(*machine, set, information, deadline, HEDDLE_CALLER);
}

int sigsuspend(const sigset_t* mask) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(sigsuspend)(mask);
  await_handler(*machine, bits_of(*mask), HEDDLE_CALLER);
  return failed(EINTR);
}

HEDDLE_REPLACEABLE int pause() {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pause)();
  await_handler(*machine, machine->current().signals.mask, HEDDLE_CALLER);
  return failed(EINTR);
}

}  // extern "C"
