// A deadline that waits in a timer driver; part of the future that waits.
//
// Thread safety. Once inserted, the fields below belong to the driver, under its lock.
#pragma once

#include "heddle/runtime/waker.hpp"

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

struct timer_entry : timer_links {
  static constexpr std::uint16_t in_no_slot = 0xffff;

  std::uint64_t tick = 0;  // when it is due, in milliseconds since the driver was made
  waker waiting;
  std::uint16_t slot = in_no_slot;  // of all slots of all levels; see timer_wheel.hpp
  timer_status status = timer_status::waiting;
};

}  // namespace heddle::detail
