// What wakers of a block_on refer to: a flag, and the thread to unpark.
//
// How it works. The root future lives on the stack of block_on; its wakers may outlive that, so they share this
// object by reference count. A wake sets the flag and unparks; the thread polls when it finds the flag set.
//
// Thread safety. take_woken: the thread of block_on. Wakers: any thread.
#pragma once

#include "heddle/hooks.hpp"
#include "heddle/runtime/detail/scheduler.hpp"
#include "heddle/runtime/waker.hpp"
#include "unpark_target.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace heddle::detail {

class root_header {
 public:
  // A new header with one reference, the caller's, which `release` gives up.
  static root_header& create(std::shared_ptr<unpark_target> thread) { return *new root_header(std::move(thread)); }
  root_header(const root_header&) = delete;
  root_header& operator=(const root_header&) = delete;
  void release() noexcept;

  // Whether somebody woke since the last call; true the first time.
  // acq_rel: pairs with the wake, whose author's writes the poll must see.
  bool take_woken() noexcept { return woken_.exchange(false, std::memory_order_acq_rel); }
  // A hint before parking; the unpark is what cannot be missed.
  bool is_woken() const noexcept { return woken_.load(std::memory_order_acquire); }

  // Tells the observer of the block_on at `place`.
  void announce(const hooks::source_place& place, hooks::task_home home) noexcept {
    observed_ = hooks::task_spawned(this, "block_on", place, home);
  }

  // Polls once, with the hooks around it. True: done.
  [[nodiscard]] bool poll(root_future& root) noexcept;

 private:
  struct waker_functions;
  static const waker_vtable waker_behaviour;

  explicit root_header(std::shared_ptr<unpark_target> thread) noexcept : thread_(std::move(thread)) {}
  ~root_header() = default;
  void wake() noexcept;

  std::atomic<std::size_t> references_{1};
  std::atomic<bool> woken_{true};  // set by wakers, cleared by block_on
  const std::shared_ptr<unpark_target> thread_;
  hooks::task_number observed_ = 0;  // set before the first poll
};

// A block_on from its begin to its end, as the observer sees it.
class root_scope {
 public:
  root_scope(std::shared_ptr<unpark_target> thread, const hooks::source_place& place, hooks::task_home home)
      : header_(root_header::create(std::move(thread))) {
    header_.announce(place, home);
  }
  root_scope(const root_scope&) = delete;
  root_scope& operator=(const root_scope&) = delete;
  ~root_scope() { header_.release(); }

  root_header& header() const noexcept { return header_; }

 private:
  root_header& header_;
};

}  // namespace heddle::detail
