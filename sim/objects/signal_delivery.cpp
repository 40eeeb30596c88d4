#include "signal_delivery.hpp"

#include "../interpose/real.hpp"
#include "../machine/signals.hpp"
#include "cancellation.hpp"
#include "waits.hpp"

#include <bit>
#include <cerrno>
#include <cstring>
#include <string>

#include <ucontext.h>

namespace heddle::sim {

namespace {

using boost::context::detail::fcontext_t;
using boost::context::detail::jump_fcontext;
using boost::context::detail::make_fcontext;
using boost::context::detail::transfer_t;

int first_of(signal_bits bits) noexcept {
  return std::countr_zero(bits) + 1;
}

struct sigaction action_of(int signal) noexcept {
  struct sigaction action{};
  sigaction(signal, nullptr, &action);
  return action;
}

bool is_default(const struct sigaction& action) noexcept {
  return (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_DFL;
}

bool is_ignored(int signal, const struct sigaction& action) noexcept {
  if ((action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_IGN) return true;
  return is_default(action) && (signal == SIGCHLD || signal == SIGCONT || signal == SIGURG || signal == SIGWINCH);
}

void call_handler(int signal, const struct sigaction& action) {
  if ((action.sa_flags & SA_SIGINFO) == 0) {
    action.sa_handler(signal);
    return;
  }
  siginfo_t info{};
  info.si_signo = signal;
  info.si_code = SI_TKILL;
  info.si_pid = getpid();
  ucontext_t context{};
  action.sa_sigaction(signal, &info, &context);
}

void run_due_handlers(execution& machine);

// Takes one of `bits` that is pending for the caller or the process.
int take_first(execution& machine, signal_bits bits) {
  signal_state& own = machine.current().signals;
  const int signal = first_of(bits);
  machine.acquire_from((own.pending & bit_of(signal)) != 0 ? own.sent : machine.process_signals().sent);
  own.pending &= ~bit_of(signal);
  machine.process_signals().pending &= ~bit_of(signal);
  return signal;
}

// Runs the handler on the calling thread, where it is.
void handle(execution& machine, int signal) {
  const struct sigaction action = action_of(signal);
  if (is_ignored(signal, action)) return;
  if (is_fatal_here(signal)) {
    HEDDLE_REAL(raise)(signal);
    return;
  }
  if (is_default(action)) {
    const std::string text = std::string{"a signal ended the program: "} + strsignal(signal);
    machine.fail(failure_kind::crash, text.c_str(), nullptr, 0, signal);
  }
  if ((action.sa_flags & static_cast<int>(SA_RESETHAND)) != 0) std::signal(signal, SIG_DFL);
  signal_state& own = machine.current().signals;
  const signal_bits mask = own.mask;
  own.mask |= bits_of(action.sa_mask) | ((action.sa_flags & SA_NODEFER) != 0 ? 0 : bit_of(signal));
  const int saved_errno = errno;
  call_handler(signal, action);
  errno = saved_errno;
  own.mask = mask;
  ++own.handlers_run;
}

void run_due_handlers(execution& machine) {
  signal_state& own = machine.current().signals;
  for (;;) {
    const signal_bits due = (own.pending | machine.process_signals().pending) & ~own.mask;
    if (due == 0) return;
    handle(machine, take_first(machine, due));
  }
}

// What a thread was waiting for or about to do, put aside while its handlers run, which may wait themselves.
class suspended_wait {
 public:
  explicit suspended_wait(execution& machine) : machine_(machine), self_(machine.current()) {
    lock_ = self_.queue != nullptr ? machine.find_object(self_.waiting_address, object_kind::lock) : nullptr;
    if (self_.queue != nullptr) self_.queue->remove(self_);
    if (self_.heap_index != not_in_heap) {
      deadline_ = self_.deadline;
      machine.clear_deadline(self_);
    }
    self_.cancellable = self_.signallable = false;
  }
  suspended_wait(const suspended_wait&) = delete;
  suspended_wait& operator=(const suspended_wait&) = delete;

  // The thread is as it was; it was runnable, so it must be able to take the lock that it is in the queue of.
  void resume() {
    self_.cancellable = cancellable_;
    self_.signallable = signallable_;
    self_.wants_shared = wants_shared_;
    if (lock_ != nullptr) {
      lock_->waiting.push(self_);
      if (!lock_->available(wants_shared_))
        machine_.block(wait_reason::lock, address_, deadline_);
      else if (deadline_ != no_deadline)
        machine_.set_deadline(self_, deadline_);
    }
    self_.reason = reason_;
    self_.waiting_address = address_;
    self_.timed_out = self_.timed_out && lock_ != nullptr ? true : timed_out_;
    self_.interrupted = interrupted_;
    self_.pc = pc_;
  }

 private:
  execution& machine_;
  virtual_thread& self_;
  sync_object* lock_ = nullptr;
  std::uint64_t deadline_ = no_deadline;
  const wait_reason reason_ = self_.reason;
  const void* const address_ = self_.waiting_address;
  const bool timed_out_ = self_.timed_out;
  const bool wants_shared_ = self_.wants_shared;
  const bool cancellable_ = self_.cancellable;
  const bool signallable_ = self_.signallable;
  const interruption interrupted_ = self_.interrupted;
  const std::uintptr_t pc_ = self_.pc;
};

// Where a thread goes on that has signals to handle first.
void handle_then_go_on(transfer_t from) noexcept {
  *static_cast<fcontext_t*>(from.data) = from.fctx;
  execution& machine = *running();
  virtual_thread& self = machine.current();
  address_sanitizer::arrive(self.fake_stack);
  const fcontext_t interrupted = self.signals.interrupted;
  self.signals.interrupted = nullptr;
  suspended_wait wait(machine);
  run_due_handlers(machine);
  wait.resume();
  fcontext_t discarded = nullptr;
  address_sanitizer::leave_for(&self.fake_stack, self);
  jump_fcontext(interrupted, &discarded);
  __builtin_unreachable();
}

// Makes a thread that is not running handle its signals when it is chosen next.
void arrange(execution& machine, virtual_thread& target) {
  if (target.signals.interrupted == nullptr) {
    // Beyond its registers, and what the ABI lets leaf functions use.
    constexpr std::uintptr_t beyond = 512;
    constexpr std::size_t enough = 4096;
    target.signals.interrupted = target.context;
    const std::uintptr_t top = (reinterpret_cast<std::uintptr_t>(target.context) - beyond) & ~std::uintptr_t{63};
    target.context = make_fcontext(reinterpret_cast<void*>(top), enough, &handle_then_go_on);
  }
  machine.interrupt(target, interruption::signalled);
}

bool awaits(const virtual_thread& thread, signal_bits bit) noexcept {
  return thread.state == run_state::blocked && (thread.signals.awaited & bit) != 0;
}

void make_pending(execution& machine, virtual_thread& target, signal_bits bit) {
  target.signals.pending |= bit;
  if (!awaits(target, bit)) return;
  target.signals.awaited = 0;
  machine.signal_waiters().remove(target);
  machine.clear_deadline(target);
  machine.enable(target);
}

}  // namespace

signal_bits bits_of(const sigset_t& set) noexcept {
  signal_bits bits = 0;
  std::memcpy(&bits, &set, sizeof bits);
  return bits;
}

sigset_t set_of(signal_bits bits) noexcept {
  sigset_t set;
  sigemptyset(&set);
  std::memcpy(&set, &bits, sizeof bits);
  return set;
}

void send_signal(execution& machine, virtual_thread& target, int signal, std::uintptr_t pc) {
  if (machine.interleaves()) yield_thread(machine, pc);
  machine.progress();
  const signal_bits bit = bit_of(signal);
  machine.release_into(target.signals.sent);
  if (target.state == run_state::finished) return;
  if (awaits(target, bit) || (target.signals.mask & bit) != 0) {
    make_pending(machine, target, bit);
  } else if (&target == &machine.current()) {
    handle(machine, signal);
  } else if (!is_ignored(signal, action_of(signal))) {
    target.signals.pending |= bit;
    arrange(machine, target);
  }
}

void send_signal_to_process(execution& machine, int signal, std::uintptr_t pc) {
  const signal_bits bit = bit_of(signal);
  virtual_thread* takes = (machine.current().signals.mask & bit) == 0 ? &machine.current() : nullptr;
  for (thread_id id = machine.threads(); id-- > 0;) {
    virtual_thread* const thread = machine.thread_by_id(id);
    if (thread == nullptr || thread->state == run_state::finished) continue;
    if (awaits(*thread, bit)) {
      takes = thread;
      break;
    }
    if (takes != &machine.current() && (thread->signals.mask & bit) == 0) takes = thread;
  }
  if (takes == nullptr) {
    machine.release_into(machine.process_signals().sent);
    machine.process_signals().pending |= bit;
  } else {
    send_signal(machine, *takes, signal, pc);
  }
}

void set_signal_mask(execution& machine, signal_bits mask) {
  machine.current().signals.mask = mask & ~(bit_of(SIGKILL) | bit_of(SIGSTOP));
  run_due_handlers(machine);
}

int await_signal(execution& machine, signal_bits set, std::uint64_t deadline, std::uintptr_t pc) {
  virtual_thread& self = machine.current();
  cancellation_point point(machine);
  if (machine.interleaves()) yield_thread(machine, pc);
  for (;;) {
    const signal_bits there = (self.signals.pending | machine.process_signals().pending) & set;
    if (there != 0) return take_first(machine, there);
    self.signals.awaited = set;
    self.pc = pc;
    machine.signal_waiters().push(self);
    const bool came = machine.block(wait_reason::signal, nullptr, deadline);
    self.signals.awaited = 0;
    if (came) continue;
    return point.interrupted() ? -1 : 0;
  }
}

void await_handler(execution& machine, signal_bits mask, std::uintptr_t pc) {
  virtual_thread& self = machine.current();
  const signal_bits own_mask = self.signals.mask;
  const std::uint32_t before = self.signals.handlers_run;
  cancellation_point point(machine);
  self.cancellable = self.signallable = false;
  if (machine.interleaves()) yield_thread(machine, pc);
  set_signal_mask(machine, mask);
  while (self.signals.handlers_run == before) {
    point.again();
    self.pc = pc;
    machine.signal_waiters().push(self);
    machine.block(wait_reason::signal, nullptr, no_deadline);
    point.interrupted();
  }
  set_signal_mask(machine, own_mask);
}

}  // namespace heddle::sim
