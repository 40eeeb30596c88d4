// The event stream: what happened in an execution, one entry an operation, in the order it happened.
//
// Two executions are the same when their streams are: `pc` apart (address randomisation moves it), and `task` and
// `now`, which follow from the rest, all fields are compared and hashed.
#pragma once

#include "heddle/sim/operation.hpp"

#include <cstdint>

namespace heddle::sim {

struct event {
  // The caller's return address, 0 where unknown; of a choice, which mishap it is, from 1. Never compared.
  std::uintptr_t pc = 0;
  object_id object = 0;  // for operation_kind::choice, the answer
  std::uint16_t thread = 0;
  operation_kind kind = operation_kind::none;
  // The choice_kind of a choice, the hooks::operation of a runtime operation, or one of the constants below.
  std::uint8_t detail = 0;
  std::uint32_t task = 0;  // polled by the thread then; 0 if none
  std::uint64_t now = 0;   // simulated time in nanoseconds since the execution began

  friend bool operator==(const event& a, const event& b) noexcept {
    return a.object == b.object && a.thread == b.thread && a.kind == b.kind && a.detail == b.detail;
  }
};

// The detail of a lock or condition-variable event inside a trusted scope: the runtime's own.
inline constexpr std::uint8_t trusted_detail = 255;

// The detail of an atomic operation or fence with the order seq_cst, under weak memory.
inline constexpr std::uint8_t sequential_detail = 254;

// Whether `what` is the runtime's own business, of which reports to its users keep silent.
inline bool is_of_the_runtime(const event& what) noexcept {
  return what.kind != operation_kind::runtime_operation && what.detail == trusted_detail;
}

// Sees every event as it happens. Called on a virtual thread's stack, in a host_scope: it may allocate,
// and must neither block nor throw.
class event_observer {
 public:
  event_observer() = default;
  event_observer(const event_observer&) = delete;
  event_observer& operator=(const event_observer&) = delete;
  virtual ~event_observer() = default;
  // `object` tells the object of the event from others, and is 0 where `what.object` is no object's: equal in two
  // executions for an object that was there before they parted. It is never the same for two objects at once.
  virtual void on_event(const event& what, std::uintptr_t object) noexcept = 0;

  // Whether it is told, beside the events, what is touched where operations have none: in the runtime's trusted code,
  // and at granularity::task by all code, plain accesses included. Asked when an execution begins and after each
  // answer of the decision source to which thread goes on.
  virtual bool wants_touches() const noexcept { return false; }
  // Such an operation on `object`. One on a word that leaves its value as it was is told as a load.
  virtual void on_touch(operation_kind /*kind*/, std::uintptr_t /*object*/) noexcept {}
};

}  // namespace heddle::sim
