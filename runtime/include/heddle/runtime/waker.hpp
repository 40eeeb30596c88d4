// The handle by which anybody, on any thread, asks for a task to be polled again.
//
// How it works. A waker is a pointer and a table of four functions, as Rust's `RawWaker`: the runtime's
// wakers point to a task's header and count references to it, never to a coroutine frame; others can be
// made for foreign executors and for tests. Copying is spelled `clone()`, since it costs a reference.
//
// Thread safety. A waker may be moved to another thread; `wake_by_ref` and `clone` may be called by
// several threads at once. All functions work after the task has ended: waking it is then a no-op.
#pragma once

#include "heddle/runtime/assert.hpp"
#include "heddle/runtime/detail/runtime_code.hpp"

#include <utility>

namespace heddle {

struct raw_waker;

// The behaviour of a kind of waker. No function may throw. REQUIRES: static storage duration.
struct waker_vtable {
  // A second, independent reference to the same target.
  raw_waker (*clone)(const void* data) noexcept;
  // Wakes, and gives up the reference.
  void (*wake)(const void* data) noexcept;
  // Wakes, and keeps the reference.
  void (*wake_by_ref)(const void* data) noexcept;
  // Gives up the reference.
  void (*drop)(const void* data) noexcept;
};

// A waker without ownership: what `waker` is made of.
struct raw_waker {
  constexpr raw_waker() noexcept = default;
  constexpr raw_waker(const void* target, const waker_vtable* behaviour) noexcept : data(target), vtable(behaviour) {}

  const void* data = nullptr;
  const waker_vtable* vtable = nullptr;
};

// Owns one reference to what is woken. An empty waker (default made or moved from) may only be
// destroyed, assigned to, tested or compared.
class waker {
 public:
  waker() noexcept = default;
  // Takes over the reference that `raw` stands for.
  explicit waker(raw_waker raw) noexcept : raw_(raw) {}
  waker(waker&& other) noexcept : raw_(std::exchange(other.raw_, {})) {}
  waker& operator=(waker&& other) noexcept {
    waker old(std::exchange(raw_, std::exchange(other.raw_, {})));
    return *this;
  }
  waker(const waker&) = delete;
  waker& operator=(const waker&) = delete;
  ~waker() {
    if (raw_.vtable != nullptr) raw_.vtable->drop(raw_.data);
  }

  // Asks for a poll, and leaves this waker empty.
  void wake() && noexcept {
    HEDDLE_ASSERT(raw_.vtable != nullptr, "an empty waker cannot wake");
    raw_waker raw = std::exchange(raw_, {});
    raw.vtable->wake(raw.data);
  }

  // Asks for a poll; the waker can be used again.
  HEDDLE_INHERITS_CODE void wake_by_ref() const noexcept {
    HEDDLE_ASSERT(raw_.vtable != nullptr, "an empty waker cannot wake");
    raw_.vtable->wake_by_ref(raw_.data);
  }

  // Another waker of the same task.
  [[nodiscard]] waker clone() const noexcept {
    HEDDLE_ASSERT(raw_.vtable != nullptr, "an empty waker cannot be cloned");
    return waker(raw_.vtable->clone(raw_.data));
  }

  // Whether both wake the same task. False negatives are allowed, false positives are not.
  [[nodiscard]] bool will_wake(const waker& other) const noexcept {
    return raw_.data == other.raw_.data && raw_.vtable == other.raw_.vtable;
  }

  explicit operator bool() const noexcept { return raw_.vtable != nullptr; }

  // Gives the reference away without dropping it.
  [[nodiscard]] raw_waker into_raw() && noexcept { return std::exchange(raw_, {}); }

 private:
  raw_waker raw_;
};

// A waker that borrows the reference of somebody who outlives it, and is never destroyed: polling a task costs no
// count.
class waker_ref {
 public:
  explicit waker_ref(raw_waker raw) noexcept : waker_(raw) {}
  waker_ref(const waker_ref&) = delete;
  waker_ref& operator=(const waker_ref&) = delete;
  ~waker_ref() {}

  const waker& get() const noexcept { return waker_; }

 private:
  union {
    waker waker_;
  };
};

}  // namespace heddle
