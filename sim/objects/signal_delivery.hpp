// Signals between the threads of an execution: masks, pending sets, handlers, waits for signals.
//
// How it works. What a handler is, the kernel knows: sigaction is not simulated. Who it interrupts, and when, is: a
// signal to the caller itself runs its handler at once; one to another thread makes that thread run it, on its own
// stack, when it is chosen next. A wait that POSIX lets a signal interrupt ends; a thread that waits for a lock, a
// barrier or a once-only initialisation runs the handler when that wait is over.
//
// Limits: no queue of values, one signal of a kind is pending at a time. Signals from outside the execution, real
// timers included, are the kernel's, which knows nothing of simulated masks. What a program says by sigaction outlives
// the execution.
#pragma once

#include "../machine/execution.hpp"

#include <csignal>

namespace heddle::sim {

using signal_bits = std::uint64_t;

inline signal_bits bit_of(int signal) noexcept {
  return signal_bits{1} << (signal - 1);
}
inline bool is_signal(int signal) noexcept {
  return signal > 0 && signal <= 64;
}
signal_bits bits_of(const sigset_t& set) noexcept;
sigset_t set_of(signal_bits bits) noexcept;

// REQUIRES: is_signal(signal).
void send_signal(execution& machine, virtual_thread& target, int signal, std::uintptr_t pc);
// To a thread that waits for it, or else one that does not block it, or else the first that will do either.
void send_signal_to_process(execution& machine, int signal, std::uintptr_t pc);

// Changes the caller's mask and runs the handlers of what is thereby due.
void set_signal_mask(execution& machine, signal_bits mask);

// Waits for one of `set`, which is taken: its number, 0 at the deadline, -1 when another signal interrupted the wait.
int await_signal(execution& machine, signal_bits set, std::uint64_t deadline, std::uintptr_t pc);
// Waits until a handler has run, with `mask` in the meantime.
void await_handler(execution& machine, signal_bits mask, std::uintptr_t pc);

}  // namespace heddle::sim
