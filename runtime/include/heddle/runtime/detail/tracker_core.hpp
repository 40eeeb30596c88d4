// What a task_tracker counts, and who waits for the count to become zero.
//
// How it works. One word has the count and whether the tracker is closed; whoever makes it closed and zero wakes
// everybody who waits, under a mutex that those take who begin to wait. So tracking a task takes no lock. It is the
// companion of the tasks that it tracks, and lives as long as something refers to it.
//
// Thread safety. Any thread; a wait_node from one thread at a time.
#pragma once

#include "heddle/runtime/detail/runtime_code.hpp"
#include "heddle/runtime/detail/task_companion.hpp"
#include "heddle/runtime/detail/wait_list.hpp"
#include "heddle/runtime/waker.hpp"

#include <atomic>
#include <cstddef>
#include <mutex>
#include <utility>

namespace heddle::detail {

class tracker_core final : public task_companion {
 public:
  void add_reference() noexcept;
  void release() noexcept override;
  void future_destroyed() noexcept override { remove(); }

  void add() noexcept;
  void remove() noexcept;
  void close() noexcept;
  void reopen() noexcept;

  // Acquire, here and below: pairs with remove, so that what the tracked did is seen.
  std::size_t count() const noexcept { return state_.load(std::memory_order_acquire) / one; }
  bool is_closed() const noexcept { return (state_.load(std::memory_order_acquire) & closed) != 0; }

  // True: closed and empty at this moment. False: `current` is woken when it is.
  [[nodiscard]] bool poll(wait_node& node, const waker& current) noexcept;
  // The node's future is destroyed.
  void stop_waiting(wait_node& node) noexcept;

 private:
  HEDDLE_RUNTIME_CODE ~tracker_core() override;

  static constexpr std::size_t closed = 1;
  static constexpr std::size_t one = 2;

  void wake_all() noexcept;

  std::atomic<std::size_t> state_{0};       // count * one, and `closed`; written by the four functions above
  std::atomic<std::size_t> references_{1};  // of handles, tokens, waits and tasks
  std::mutex mutex_;
  wait_list waiters_;  // under mutex_
};

// A reference to a tracker's core, or none. Copies refer to the same.
class tracker_reference {
 public:
  static tracker_reference make();

  tracker_reference(const tracker_reference& other) noexcept : core_(other.core_) { core_->add_reference(); }
  tracker_reference(tracker_reference&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}
  tracker_reference& operator=(tracker_reference other) noexcept {
    std::swap(core_, other.core_);
    return *this;
  }
  ~tracker_reference() {
    if (core_ != nullptr) core_->release();
  }

  explicit operator bool() const noexcept { return core_ != nullptr; }
  tracker_core* operator->() const noexcept { return core_; }
  // For a new task, which counts from now on.
  task_companion_ptr companion() const noexcept {
    core_->add_reference();
    core_->add();
    return task_companion_ptr(core_);
  }

 private:
  explicit tracker_reference(tracker_core* core) noexcept : core_(core) {}

  tracker_core* core_;
};

}  // namespace heddle::detail
