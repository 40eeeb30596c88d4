// A deadline that waits in a timer driver; part of the future that waits.
//
// How it works. It is kept small, as there may be a million: whether it waits, and if not why, is said by the links
// that it would have, and its slot and tick are computed from the deadline (timer_wheel.hpp).
//
// Thread safety. Once registered, the fields below belong to the driver, under its lock; who registered it may read the
// deadline, which nobody else changes.
#pragma once

#include "heddle/runtime/waker.hpp"

#include <chrono>
#include <cstdint>

namespace heddle::detail {

class timer_driver;

// What has become of an entry: not yet due; due and woken; or its runtime shut down.
enum class timer_status : std::uint8_t { waiting, fired, closed };

// The place of an entry in a slot's list, which is circular through the slot itself.
struct timer_links {
  timer_links* previous = nullptr;
  timer_links* next = nullptr;
};

// In no list, `next` is null, and `previous` is null too, or the entry itself if it was closed.
struct timer_entry : timer_links {
  explicit timer_entry(std::chrono::steady_clock::time_point due = {}) noexcept : deadline(due) {}
  timer_entry(const timer_entry&) = delete;
  timer_entry& operator=(const timer_entry&) = delete;

  bool is_linked() const noexcept { return next != nullptr; }
  // REQUIRES: registered.
  timer_status status() const noexcept {
    if (is_linked()) return timer_status::waiting;
    return previous == nullptr ? timer_status::fired : timer_status::closed;
  }
  // REQUIRES: in no list.
  void set_closed() noexcept { previous = this; }

  std::chrono::steady_clock::time_point deadline;
  waker waiting;  // empty unless it waits
};

}  // namespace heddle::detail
