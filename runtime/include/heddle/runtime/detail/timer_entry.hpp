// A deadline that waits in a timer driver; part of the future that waits.
//
// Thread safety. Once inserted, the fields below belong to the driver, under its lock.
#pragma once

#include "heddle/runtime/waker.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace heddle::detail {

class timer_driver;

// What has become of an entry: not yet due; due and woken; or its runtime shut down.
enum class timer_status : std::uint8_t { waiting, fired, closed };

struct timer_entry {
  explicit timer_entry(std::chrono::steady_clock::time_point when) noexcept : deadline(when) {}

  static constexpr std::size_t not_in_heap = static_cast<std::size_t>(-1);

  std::chrono::steady_clock::time_point deadline;
  std::uint64_t sequence = 0;
  std::size_t index = not_in_heap;
  timer_status status = timer_status::waiting;
  waker waiting;
};

}  // namespace heddle::detail
