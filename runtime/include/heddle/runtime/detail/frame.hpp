// The trampoline: how a chain of awaiting coroutines is polled and dropped without recursion.
//
// How it works. A root task and the tasks it awaits, each awaited by the one before, form a chain of
// suspended frames. `poll_chain` is a loop that resumes the innermost frame. A frame that awaits a task
// suspends and names the child in the cursor; the loop resumes the child next. A frame that finishes
// is followed by the one that awaits it. A frame that awaits a leaf future (a timer, a lock) records the
// leaf when it is pending, and the loop polls that leaf, before it resumes the frame, at the next poll: no
// frame between root and leaf is touched. Symmetric transfer would do the same with tail calls, which
// g++ does not make at -O0 nor under -fsanitize=thread (docs/compilers.md).
//
// Thread safety. A chain belongs to the thread that polls it. Nothing here is published to other threads:
// wakers know the task, never a frame.
//
// Invariants.
//   1. The frames of a chain other than the root are owned by the chain: they are destroyed by the await
//      that takes their result, or by `destroy_chain`, leaf first.
//   2. `leaf_` of the innermost frame is set if and only if the frame is suspended at a pending leaf.
//   3. Stack use of polling and dropping does not depend on the length of the chain.
#pragma once

#include "heddle/runtime/context.hpp"
#include "heddle/runtime/detail/code_place.hpp"
#include "heddle/runtime/detail/runtime_code.hpp"

#include <coroutine>
#include <type_traits>
#include <vector>

namespace heddle::detail {

class frame;

// Where a chain is suspended.
struct suspension {
  std::vector<const void*> coroutines;      // the functions that resume its frames, the root's first
  std::vector<hooks::source_place> places;  // of each, its last co_await
  const void* awaited = nullptr;            // the function that polls the leaf; null if it stands at none
};

// What a frame tells the loop that resumes it. Lives on the stack of one poll.
struct poll_cursor {
  explicit poll_cursor(context& current) noexcept : cx(&current) {}

  context* cx;
  frame* entered = nullptr;  // the frame to resume next, when the resumed one awaits a task
};

// A leaf future that a frame awaits.
class leaf {
 public:
  using poll_function = bool (*)(leaf&, context&) noexcept;

  HEDDLE_INHERITS_CODE explicit leaf(poll_function function) noexcept : poll_(function) {}
  leaf(const leaf&) = delete;
  leaf& operator=(const leaf&) = delete;

  // Whether the frame can go on.
  [[nodiscard]] bool poll(context& cx) noexcept { return poll_(*this, cx); }
  // The function that polls it, which tells its type.
  const void* code() const noexcept { return reinterpret_cast<const void*>(poll_); }

 protected:
  ~leaf() = default;

 private:
  poll_function poll_;
};

// The part of a promise that the loop knows.
class frame {
 public:
  explicit frame(std::coroutine_handle<> handle) noexcept : handle_(handle), link_(this) {}
  frame(const frame&) = delete;
  frame& operator=(const frame&) = delete;

  bool is_done() const noexcept { return handle_.done(); }
  // Of the memory that the coroutine was given.
  void* address() const noexcept { return handle_.address(); }
  // The context of the poll that is under way. REQUIRES: called by the resumed frame.
  HEDDLE_INHERITS_CODE context& current_context() const noexcept { return *cursor_->cx; }
  // The resumed frame has come to a co_await. One store of a constant.
  HEDDLE_INHERITS_CODE void stand_at(const code_place& place) noexcept { place_ = place; }
  // Suspends the resumed frame at a pending leaf. REQUIRES: called in await_suspend of this frame.
  HEDDLE_INHERITS_CODE void wait_for(leaf& pending_leaf) noexcept { leaf_ = &pending_leaf; }
  // Suspends the resumed frame until the root `child` is done, which becomes part of this chain. The child
  // may have been polled by hand before. REQUIRES: called in await_suspend of this frame.
  HEDDLE_INHERITS_CODE void enter(frame& child) noexcept {
    cursor_->entered = child.link_;
    child.link_ = this;
  }
  // Destroys this frame only. REQUIRES: it is done, or not started.
  void destroy() noexcept { handle_.destroy(); }

  friend bool poll_chain(frame& root, context& cx);
  friend void destroy_chain(frame& root) noexcept;
  friend suspension suspension_of(const frame& root);

 protected:
  ~frame() = default;

 private:
  std::coroutine_handle<> handle_;
  frame* link_;                    // of a root: the innermost frame. Of any other: the frame that awaits it
  poll_cursor* cursor_ = nullptr;  // valid while this frame is resumed
  leaf* leaf_ = nullptr;
  [[no_unique_address]] code_place place_;  // of its last co_await
};

// Polls the chain of `root` until it is done (true) or pending (false).
[[nodiscard]] bool poll_chain(frame& root, context& cx);

// Destroys all frames of the chain of `root`, leaf first, and the root's. REQUIRES: no frame is being resumed.
void destroy_chain(frame& root) noexcept;

// REQUIRES: no frame of the chain is being resumed, nor will be meanwhile.
suspension suspension_of(const frame& root);

}  // namespace heddle::detail
