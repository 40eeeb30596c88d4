// The watching loop, and what is made of what it sees; see stall_watchdog.hpp. Thread safety: as declared there.
#include "stall_watchdog.hpp"

#include "heddle/hooks.hpp"
#include "heddle/runtime/detail/runtime_settings.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <string>
#include <utility>

#include <pthread.h>

namespace heddle::detail {

namespace {

constexpr std::uint32_t patience_max = 1U << 20;

void print_stall(const stall& what) {
  std::fputs(what.text().c_str(), stderr);
}

}  // namespace

stall_cause cause_of(std::chrono::nanoseconds lasted, std::chrono::nanoseconds on_cpu,
                     std::chrono::nanoseconds without_cpu) noexcept {
  const auto asleep = std::max(std::chrono::nanoseconds(0), lasted - on_cpu - without_cpu);
  if (asleep >= on_cpu && asleep >= without_cpu) return stall_cause::blocked;
  return on_cpu >= without_cpu ? stall_cause::busy : stall_cause::starved;
}

bool minute_limit::admits(clock::time_point now) {
  while (!admitted_.empty() && now - admitted_.front() >= std::chrono::minutes(1)) admitted_.pop_front();
  if (admitted_.size() >= most_) return false;
  admitted_.push_back(now);
  return true;
}

stall_watchdog::stall_watchdog(stall_options chosen, std::size_t workers, pulse_reader pulse_of)
    : chosen_(std::move(chosen)),
      pulse_of_(std::move(pulse_of)),
      workers_(workers),
      limit_(chosen_.reports_per_minute_max) {
  if (chosen_.backtrace) prepare_stacks();
  // Signals of the program are for its own threads.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    thread_ = std::thread([this] { run(); });
  } catch (...) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

stall_watchdog::~stall_watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stops_ = true;
  }
  stopped_.notify_one();
  thread_.join();
}

bool wants_watchdog(const runtime_settings& settings) noexcept {
  return HEDDLE_CHECKED == 0 && settings.watch_stalls.has_value();
}

std::unique_ptr<stall_watchdog> make_watchdog(const runtime_settings& settings, std::size_t workers,
                                              stall_watchdog::pulse_reader pulse_of) {
  if (!wants_watchdog(settings)) return nullptr;
  return std::make_unique<stall_watchdog>(*settings.watch_stalls, workers, std::move(pulse_of));
}

void stall_watchdog::run() {
  pthread_setname_np(pthread_self(), "heddle-watchdog");
  const auto pause = std::max<std::chrono::nanoseconds>(chosen_.threshold / 2, std::chrono::milliseconds(1));
  std::unique_lock lock(mutex_);
  while (!stopped_.wait_for(lock, pause, [this] { return stops_; })) {
    lock.unlock();
    const clock::time_point now = clock::now();
    for (std::size_t i = 0; i < workers_.size(); ++i) look_at(i, now);
    lock.lock();
  }
}

void stall_watchdog::look_at(std::size_t worker, clock::time_point now) {
  watched& its = workers_[worker];
  const worker_pulse pulse = pulse_of_(worker);
  if (pulse != its.pulse) {
    its = {.pulse = pulse, .since = now, .used = std::nullopt};
    if (pulse.is_awake()) its.used = processor_time_of(pulse.thread);
    return;
  }
  if (pulse.is_awake() && now - its.since >= chosen_.threshold * its.patience) report(worker, its, now);
}

void stall_watchdog::report(std::size_t worker, watched& stuck, clock::time_point now) {
  stuck.patience = std::min(stuck.patience * 2, patience_max);
  stall what;
  what.worker = worker;
  what.thread = stuck.pulse.thread;
  what.lasted = now - stuck.since;
  const auto used = processor_time_of(stuck.pulse.thread);
  if (used && stuck.used) {
    what.on_cpu = used->used - stuck.used->used;
    what.cause = cause_of(what.lasted, what.on_cpu, used->waited - stuck.used->waited);
  }
  if (what.cause == stall_cause::starved) {
    ++starved_;
    return;
  }
  if (!limit_.admits(now)) {
    ++suppressed_;
    return;
  }
  if (what.cause == stall_cause::blocked) what.system_call = system_call_of(what.thread);
  if (chosen_.backtrace) what.stack = stack_of(what.thread);
  // It went on meanwhile: what was read last may be of something else.
  if (pulse_of_(worker) != stuck.pulse) what.stack.clear();
  what.suppressed = std::exchange(suppressed_, 0);
  what.starved = std::exchange(starved_, 0);
  chosen_.on_stall ? chosen_.on_stall(what) : print_stall(what);
}

}  // namespace heddle::detail
