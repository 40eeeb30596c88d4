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
//   2. Of the innermost frame of a chain that is not being polled `leaf_` is alive, and set if and only if the frame is
//      suspended at a pending leaf.
//   3. Stack use of polling and dropping does not depend on the length of the chain.
#pragma once

#include "heddle/runtime/context.hpp"
#include "heddle/runtime/detail/code_place.hpp"
#include "heddle/runtime/detail/runtime_code.hpp"

#include <cstddef>
#include <exception>
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

  // Whether the frame can go on. Then it does, on this thread, and the leaf is polled no more.
  [[nodiscard]] bool poll(context& cx) noexcept { return poll_(*this, cx); }
  // The function that polls it, which tells its type. REQUIRES: it is pending.
  const void* code() const noexcept { return reinterpret_cast<const void*>(poll_); }

 protected:
  HEDDLE_INHERITS_CODE ~leaf() {}

  // Keeps the exception that is being handled until the frame goes on. REQUIRES: the poll answers that it can.
  void catch_exception() noexcept;
  // Throws it, once.
  [[noreturn]] void rethrow_exception();

 private:
  union {
    poll_function poll_;        // until the frame can go on
    std::exception_ptr error_;  // after catch_exception
  };
};

// The part of a promise that the loop knows. It stands at the promise's beginning, so that its address tells the
// coroutine's.
class frame {
 public:
  // What the promise of a frame may ask for.
  static constexpr std::size_t alignment_max = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

  HEDDLE_INHERITS_CODE frame() noexcept : link_(this), leaf_(nullptr) {}
  frame(const frame&) = delete;
  frame& operator=(const frame&) = delete;

  bool is_done() const noexcept { return __builtin_coro_done(address()); }
  // Of the memory that the coroutine was given.
  HEDDLE_INHERITS_CODE void* address() const noexcept {
    return __builtin_coro_promise(const_cast<frame*>(this), alignment_max, true);
  }
  // The context of the poll that is under way. REQUIRES: called by the resumed frame.
  HEDDLE_INHERITS_CODE context& current_context() const noexcept { return *cursor_->cx; }
  // The resumed frame has come to a co_await. One store of a constant.
  HEDDLE_INHERITS_CODE void stand_at(const code_place& place) noexcept { place_ = place; }
  // Suspends the resumed frame at a pending leaf. REQUIRES: called in await_suspend of this frame, last.
  HEDDLE_INHERITS_CODE void wait_for(leaf& pending_leaf) noexcept { leaf_ = &pending_leaf; }
  // Suspends the resumed frame until the root `child` is done, which becomes part of this chain. The child
  // may have been polled by hand before. REQUIRES: called in await_suspend of this frame.
  HEDDLE_INHERITS_CODE void enter(frame& child) noexcept {
    cursor_->entered = child.link_;
    child.link_ = this;
  }
  // Destroys this frame only. REQUIRES: it is done, or not started.
  void destroy() noexcept { __builtin_coro_destroy(address()); }

  friend bool poll_chain(frame& root, context& cx);
  friend void destroy_chain(frame& root) noexcept;
  friend suspension suspension_of(const frame& root);

 protected:
  ~frame() = default;

 private:
  void resume() { __builtin_coro_resume(address()); }
  [[nodiscard]] bool may_go_on(context& cx) noexcept;

  frame* link_;  // of a root: the innermost frame. Of any other: the frame that awaits it
  union {
    poll_cursor* cursor_;  // while this frame is resumed, and while it awaits a task
    leaf* leaf_;           // else; null before it was ever resumed, and when it is a root that is done
  };
  [[no_unique_address]] code_place place_;  // of its last co_await
};

// Polls the chain of `root` until it is done (true) or pending (false).
[[nodiscard]] bool poll_chain(frame& root, context& cx);

// Destroys all frames of the chain of `root`, leaf first, and the root's. REQUIRES: no frame is being resumed.
void destroy_chain(frame& root) noexcept;

// REQUIRES: no frame of the chain is being resumed, nor will be meanwhile.
suspension suspension_of(const frame& root);

}  // namespace heddle::detail
