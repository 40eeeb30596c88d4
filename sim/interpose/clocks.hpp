// The simulated clocks: how the nanoseconds of an execution appear as POSIX time.
#pragma once

#include "../machine/virtual_thread.hpp"

#include <cstdint>
#include <ctime>

namespace heddle::sim {

// An execution starts at 2030-01-01 00:00:00 UTC, an hour after the machine was switched on.
inline constexpr std::uint64_t realtime_at_start_ns = 1'893'456'000ull * 1'000'000'000ull;
inline constexpr std::uint64_t monotonic_at_start_ns = 3'600ull * 1'000'000'000ull;

inline constexpr std::uint64_t ns_per_second = 1'000'000'000;

inline std::uint64_t clock_at_start(clockid_t clock) noexcept {
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI ? realtime_at_start_ns
                                                                                         : monotonic_at_start_ns;
}

inline bool is_valid(const timespec& time) noexcept {
  return time.tv_nsec >= 0 && time.tv_nsec < static_cast<long>(ns_per_second);
}

// A span of time in nanoseconds; a negative one is 0, one beyond 500 years is that.
inline std::uint64_t nanoseconds_of(const timespec& time) noexcept {
  constexpr std::uint64_t seconds_max = 500ull * 366 * 24 * 3600;
  if (time.tv_sec < 0) return 0;
  const auto seconds = static_cast<std::uint64_t>(time.tv_sec);
  return (seconds < seconds_max ? seconds : seconds_max) * ns_per_second + static_cast<std::uint64_t>(time.tv_nsec);
}

inline timespec timespec_of(std::uint64_t nanoseconds) noexcept {
  return {.tv_sec = static_cast<time_t>(nanoseconds / ns_per_second),
          .tv_nsec = static_cast<long>(nanoseconds % ns_per_second)};
}

// The machine's time at which `clock` shows `time`; 0 when that has passed before the execution began.
inline std::uint64_t deadline_of(const timespec& time, clockid_t clock) noexcept {
  const std::uint64_t absolute = nanoseconds_of(time);
  const std::uint64_t start = clock_at_start(clock);
  return absolute > start ? absolute - start : 0;
}

}  // namespace heddle::sim
