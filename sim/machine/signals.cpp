#include "signals.hpp"

#include "../interpose/real.hpp"
#include "arch.hpp"
#include "fatal.hpp"
#include "stack_slots.hpp"
#include "user_frame.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <ctime>
#include <span>
#include <string>

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace heddle::sim {

namespace {

constexpr std::array fatal_signals{SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
constexpr std::size_t stack_size = 256 * 1024;

std::array<struct sigaction, fatal_signals.size()> previous_actions;
struct sigaction previous_watchdog_action;
// What the handler found, read by the code it continues in.
struct pending_failure {
  execution* core = nullptr;
  failure_kind kind = failure_kind::crash;
  int signal = 0;
  std::uintptr_t pc = 0;
  // Of a call of a null pointer: what it was called with; `pc` is then the caller's.
  bool null_call = false;
  std::uintptr_t argument = 0;
  std::array<std::uintptr_t, unwound_frames_max> room{};
  std::span<const std::uintptr_t> callers;  // in `room`
  bool unwinds = false;                     // the stack that was interrupted, which may be broken
  sigset_t mask{};                          // that it had
} pending;

// What the watchdog saw at its last tick.
struct watchdog_view {
  execution* core = nullptr;
  std::uint64_t serial = 0;
  std::uint64_t steps = 0;
  unsigned ticks = 0;
} watched;
constexpr unsigned ticks_until_stuck = 4;

std::byte* map_stack() {
  void* const stack = mmap(nullptr, stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (stack == MAP_FAILED) fatal("out of memory for the signal stack");
  return static_cast<std::byte*>(stack);
}

// Both are made once and kept: the process may handle signals as long as it lives.
std::byte* handler_stack() {
  static std::byte* const stack = map_stack();
  return stack;
}
std::byte* emergency_stack() {
  static std::byte* const stack = map_stack();
  return stack;
}

void fail_pending() {
  execution& core = *pending.core;
  core.set_active();
  core.current().pc = pending.pc;
  core.current().callers = pending.callers;
  switch (pending.kind) {
    case failure_kind::stack_overflow: {
      const std::string size = std::to_string((core.current().stack_size + 512 * 1024) / (1024 * 1024));
      const std::string text = "a virtual thread used up its stack of " + size +
                               " MiB: endless or very deep recursion, or very large locals";
      core.fail(failure_kind::stack_overflow, text.c_str());
    }
    case failure_kind::step_limit:
      core.fail(
          failure_kind::step_limit,
          "the execution is stuck: in a loop without any scheduling point, or in a call that blocks the whole process "
          "(see options::stuck_after)");
    default: {
      if (pending.null_call) core.fail_if_resumed(reinterpret_cast<const void*>(pending.argument), pending.pc);
      const std::string text = std::string{"the program crashed: "} + strsignal(pending.signal);
      core.fail(failure_kind::crash, text.c_str(), nullptr, 0, pending.signal);
    }
  }
}

// A broken stack leads anywhere: a fault on the way comes to on_fatal_signal, as `unwinds` tells it.
void find_callers() {
  sigset_t faults;
  sigemptyset(&faults);
  sigaddset(&faults, SIGSEGV);
  sigaddset(&faults, SIGBUS);
  pending.unwinds = true;
  sigprocmask(SIG_UNBLOCK, &faults, nullptr);
  pending.callers = callers_of_interrupted(pending.core->current(), pending.pc, pending.room);
  pending.unwinds = false;
}

void continue_with(execution& core, failure_kind kind, int signal, void* context) {
  auto& interrupted = *static_cast<ucontext_t*>(context);
  pending = {};
  pending.core = &core;
  pending.kind = kind;
  pending.signal = signal;
  pending.pc = arch::interrupted_pc(interrupted);
  pending.mask = interrupted.uc_sigmask;
  // No instruction stands at null: the call itself is what to show.
  if (signal == SIGSEGV && pending.pc == 0) {
    pending.pc = arch::return_address_at_entry(interrupted);
    pending.argument = arch::argument_at_entry(interrupted);
    pending.null_call = true;
  }
  set_inactive();
  find_callers();
  arch::continue_in(interrupted, &fail_pending, emergency_stack() + stack_size);
}

// It could not be unwound: the failure is reported without its callers.
void give_up_unwinding(void* context) {
  auto& interrupted = *static_cast<ucontext_t*>(context);
  pending.unwinds = false;
  interrupted.uc_sigmask = pending.mask;
  arch::continue_in(interrupted, &fail_pending, emergency_stack() + stack_size);
}

void restore_action(int signal) {
  const auto at = std::find(fatal_signals.begin(), fatal_signals.end(), signal);
  sigaction(signal, &previous_actions[static_cast<std::size_t>(at - fatal_signals.begin())], nullptr);
}

void on_fatal_signal(int signal, siginfo_t* info, void* context) {
  if (pending.unwinds) return give_up_unwinding(context);
  execution* const core = running();
  if (core == nullptr) {
    // Not ours. A fault happens again when the handler returns; a signal that was sent is sent again.
    restore_action(signal);
    if (info->si_code <= 0) raise(signal);
    return;
  }
  const bool overflow = signal == SIGSEGV && core->in_guard(info->si_addr);
  continue_with(*core, overflow ? failure_kind::stack_overflow : failure_kind::crash, signal, context);
}

void on_watchdog(int signal, siginfo_t*, void* context) {
  execution* const core = running();
  if (core == nullptr) return;
  const bool same = watched.core == core && watched.serial == core->serial() && watched.steps == core->steps();
  watched = {.core = core, .serial = core->serial(), .steps = core->steps(), .ticks = same ? watched.ticks + 1 : 0};
  if (watched.ticks < ticks_until_stuck) return;
  watched = {};
  continue_with(*core, failure_kind::step_limit, signal, context);
}

void on_terminate() {
  execution* const core = running();
  if (core == nullptr) std::abort();
  const char* const body = core->runs_program() ? "an exception left main, or std::terminate was called"
                                                : "an exception left the body, or std::terminate was called";
  core->fail_with_current_exception(
      core->current().id == 0 ? body : "an exception left a thread, or std::terminate was called");
}

}  // namespace

int watchdog_signal() noexcept {
  return SIGRTMIN + 5;
}

signal_handlers::signal_handlers(const machine_options& options) {
  stack_t own{};
  own.ss_sp = handler_stack();
  own.ss_size = stack_size;
  stack_t previous{};
  sigaltstack(&own, &previous);
  if ((previous.ss_flags & SS_DISABLE) == 0) previous_stack_ = new stack_t{previous};
  emergency_stack();

  struct sigaction action{};
  action.sa_sigaction = &on_fatal_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < fatal_signals.size(); ++i) sigaction(fatal_signals[i], &action, &previous_actions[i]);
  previous_terminate_ = std::set_terminate(&on_terminate);
  if (options.stuck_after.count() == 0) return;
  watch();
  if (options.own_watchdog) start_watchdog(options.stuck_after);
}

void signal_handlers::watch() {
  struct sigaction action{};
  action.sa_sigaction = &on_watchdog;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(watchdog_signal(), &action, &previous_watchdog_action);
  watching_ = true;
}

void signal_handlers::start_watchdog(std::chrono::seconds stuck_after) {
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = watchdog_signal();
  event._sigev_un._tid = static_cast<pid_t>(::syscall(SYS_gettid));
  if (timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &watchdog_) != 0) return;
  const std::chrono::nanoseconds tick = std::chrono::nanoseconds{stuck_after} / ticks_until_stuck;
  itimerspec interval{};
  interval.it_interval = {.tv_sec = tick.count() / 1'000'000'000, .tv_nsec = tick.count() % 1'000'000'000};
  interval.it_value = interval.it_interval;
  timer_settime(watchdog_, 0, &interval, nullptr);
  ticking_ = true;
}

signal_handlers::~signal_handlers() {
  if (ticking_) timer_delete(watchdog_);
  if (watching_) sigaction(watchdog_signal(), &previous_watchdog_action, nullptr);
  std::set_terminate(previous_terminate_);
  for (const int signal : fatal_signals) restore_action(signal);
  stack_t restored{};
  restored.ss_flags = SS_DISABLE;
  auto* const previous = static_cast<stack_t*>(previous_stack_);
  sigaltstack(previous != nullptr ? previous : &restored, nullptr);
  delete previous;
}

bool is_fatal_here(int signal) noexcept {
  struct sigaction action{};
  return sigaction(signal, nullptr, &action) == 0 && (action.sa_flags & SA_SIGINFO) != 0 &&
         action.sa_sigaction == &on_fatal_signal;
}

bool execution::in_guard(const void* address) const noexcept {
  return stack_slots::in_guard_below(current_->stack_bottom, address);
}

void end_process_by_signal(int signal) noexcept {
  if (std::find(fatal_signals.begin(), fatal_signals.end(), signal) != fatal_signals.end()) restore_action(signal);
  sigset_t unblocked;
  sigemptyset(&unblocked);
  sigaddset(&unblocked, signal);
  sigprocmask(SIG_UNBLOCK, &unblocked, nullptr);
  raise(signal);
  std::signal(signal, SIG_DFL);
  raise(signal);
  fatal("the process survived the signal that ended its execution");
}

}  // namespace heddle::sim
