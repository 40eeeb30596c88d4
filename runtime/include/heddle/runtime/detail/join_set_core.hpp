// What the tasks of a join_set and the one who awaits them share: a queue of those that have ended.
//
// How it works. Each task of a set has an entry, which is the waker that its join_handle registers: when the task
// ends, it is woken, and puts itself into the queue of the set and wakes who awaits the set. So a set of any size
// looks only at tasks that have ended. Entries count references, as the waker may outlive the set.
//
// Thread safety. add_reference, release, finished and the wakers: any thread. Everything else: the owner of the set.
//
// Invariants.
//   1. An entry is in the queue at most once, and only while the set owns it.
//   2. Wakers are cloned, woken and dropped, and entries released, with the mutex not held.
#pragma once

#include "heddle/runtime/detail/runtime_code.hpp"
#include "heddle/runtime/waker.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>

namespace heddle::detail {

class join_set_core;

// One task of a set. The derived class has its join_handle.
class join_set_entry {
 public:
  explicit join_set_entry(std::shared_ptr<join_set_core> core) noexcept;
  join_set_entry(const join_set_entry&) = delete;
  join_set_entry& operator=(const join_set_entry&) = delete;

  // The waker that puts this entry into the queue.
  waker make_waker() noexcept;
  void add_reference() noexcept;
  void release() noexcept;
  // The task has ended.
  void finished() noexcept;

  // Of the owner of the set.
  join_set_entry* previous = nullptr;
  join_set_entry* next = nullptr;

 protected:
  HEDDLE_RUNTIME_CODE virtual ~join_set_entry();

 private:
  friend join_set_core;
  struct waker_functions;
  static const waker_vtable waker_behaviour;

  std::atomic<std::size_t> references_{1};
  const std::shared_ptr<join_set_core> core_;
  join_set_entry* next_finished_ = nullptr;  // under the core's mutex
  bool is_queued_ = false;                   // under the core's mutex
};

class join_set_core {
 public:
  join_set_core() noexcept = default;
  join_set_core(const join_set_core&) = delete;
  join_set_core& operator=(const join_set_core&) = delete;

  // An entry whose task has ended, or null.
  [[nodiscard]] join_set_entry* take_finished() noexcept;
  // The same; if null, `current` is woken when there is one.
  [[nodiscard]] join_set_entry* poll_finished(const waker& current) noexcept;
  // Empties the queue and takes nothing more: the set is destroyed.
  void close() noexcept;

 private:
  friend join_set_entry;

  void push(join_set_entry& entry) noexcept;
  [[nodiscard]] join_set_entry* pop() noexcept;
  [[nodiscard]] join_set_entry* pop_or_wait(const waker& current) noexcept;

  std::mutex mutex_;
  // Under mutex_.
  join_set_entry* first_ = nullptr;
  join_set_entry* last_ = nullptr;
  waker waiting_;
  bool closed_ = false;
};

}  // namespace heddle::detail
