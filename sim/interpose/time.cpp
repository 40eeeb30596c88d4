// Clocks and sleeps.
#include "../objects/cancellation.hpp"
#include "../objects/waits.hpp"
#include "clocks.hpp"
#include "real.hpp"
#include "replaceable.hpp"

#include <cerrno>
#include <ctime>

#include <sys/time.h>
#include <sys/times.h>
#include <unistd.h>

using namespace heddle::sim;

namespace {

bool is_cpu_clock(clockid_t clock) noexcept {
  return clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID || clock < 0;
}

// CPU time is simulated time: an execution is always busy or asleep by its own clock.
std::uint64_t read(execution& machine, clockid_t clock) {
  return machine.read_clock() + (is_cpu_clock(clock) ? 0 : clock_at_start(clock));
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(clock_gettime)(clock, time);
  *time = timespec_of(read(*machine, clock));
  return 0;
}

HEDDLE_REPLACEABLE int gettimeofday(timeval* time, void* zone) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(gettimeofday)(time, zone);
  const timespec now = timespec_of(read(*machine, CLOCK_REALTIME));
  *time = {.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1'000};
  return 0;
}

time_t time(time_t* result) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(time)(result);
  const time_t now = timespec_of(read(*machine, CLOCK_REALTIME)).tv_sec;
  if (result != nullptr) *result = now;
  return now;
}

int timespec_get(timespec* time, int base) noexcept {
  execution* const machine = running();
  if (machine == nullptr || base != TIME_UTC) return HEDDLE_REAL(timespec_get)(time, base);
  *time = timespec_of(read(*machine, CLOCK_REALTIME));
  return base;
}

clock_t clock() noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(clock)();
  return static_cast<clock_t>(machine->read_clock() / (ns_per_second / CLOCKS_PER_SEC));
}

int clock_nanosleep(clockid_t clock, int flags, const timespec* time, timespec* remaining) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(clock_nanosleep)(clock, flags, time, remaining);
  if (!is_valid(*time)) return EINVAL;
  if ((flags & TIMER_ABSTIME) == 0) {
    return sleep_for(*machine, nanoseconds_of(*time), remaining, HEDDLE_CALLER) ? 0 : EINTR;
  }
  cancellation_point point(*machine);
  sleep_until(*machine, deadline_of(*time, clock), HEDDLE_CALLER);
  return point.interrupted() ? EINTR : 0;
}

HEDDLE_REPLACEABLE int nanosleep(const timespec* time, timespec* remaining) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(nanosleep)(time, remaining);
  if (!is_valid(*time) || time->tv_sec < 0) {
    errno = EINVAL;
    return -1;
  }
  if (sleep_for(*machine, nanoseconds_of(*time), remaining, HEDDLE_CALLER)) return 0;
  errno = EINTR;
  return -1;
}

HEDDLE_REPLACEABLE int usleep(useconds_t microseconds) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(usleep)(microseconds);
  if (sleep_for(*machine, std::uint64_t{microseconds} * 1'000, nullptr, HEDDLE_CALLER)) return 0;
  errno = EINTR;
  return -1;
}

HEDDLE_REPLACEABLE unsigned sleep(unsigned seconds) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(sleep)(seconds);
  timespec remaining{};
  sleep_for(*machine, std::uint64_t{seconds} * ns_per_second, &remaining, HEDDLE_CALLER);
  return static_cast<unsigned>(remaining.tv_sec + (remaining.tv_nsec != 0 ? 1 : 0));
}

int clock_getres(clockid_t clock, timespec* resolution) noexcept {
  if (running() == nullptr) return HEDDLE_REAL(clock_getres)(clock, resolution);
  if (resolution != nullptr) *resolution = {.tv_sec = 0, .tv_nsec = 1};
  return 0;
}

// All of the time is the process's own, none the system's.
HEDDLE_REPLACEABLE clock_t times(tms* result) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(times)(result);
  const std::uint64_t tick = ns_per_second / static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
  const auto used = static_cast<clock_t>(machine->read_clock() / tick);
  if (result != nullptr) *result = {.tms_utime = used, .tms_stime = 0, .tms_cutime = 0, .tms_cstime = 0};
  return static_cast<clock_t>(monotonic_at_start_ns / tick) + used;
}

}  // extern "C"
