// A spawned coroutine: its header, which lives in the room in front of the frame (frame_memory.hpp).
//
// How it works. Spawning a task allocates nothing. When the coroutine has ended, its result is moved out of the frame,
// the frame is destroyed with all that it holds, and the result is put back to where it was: the promise is no more,
// and its place is large and aligned enough. The join_handle takes it from there.
//
// Thread safety. task_state.hpp says who owns coroutine and outcome.
#pragma once

#include "heddle/hooks.hpp"
#include "heddle/runtime/detail/coroutine.hpp"
#include "heddle/runtime/detail/frame_memory.hpp"
#include "heddle/runtime/detail/runtime_code.hpp"
#include "heddle/runtime/detail/task_cell.hpp"

#include <cstddef>
#include <new>
#include <type_traits>

namespace heddle::detail {

template <class T, locality Where>
class coroutine_cell final : public joinable<T> {
 public:
  // The cell of a coroutine that nobody else owns. It deletes itself when its last reference goes.
  static coroutine_cell& make(result_promise<T, Where>& root) noexcept {
    static_assert(sizeof(coroutine_cell) <= frame_memory::room);
    static_assert(alignof(coroutine_cell) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
    return *::new (frame_memory::claim(root.address())) coroutine_cell(root);
  }

  static void operator delete(void* cell) noexcept { frame_memory::free_claimed(cell); }

 private:
  explicit coroutine_cell(result_promise<T, Where>& root) noexcept : root_(&root) {}

  HEDDLE_RUNTIME_CODE ~coroutine_cell() override {
    if (!this->ended_) end_without_result();
  }

  HEDDLE_RUNTIME_CODE bool poll_future(context& cx) noexcept override {
    if (!poll_chain(*root_, cx)) return false;
    end_with_result();
    return true;
  }

  HEDDLE_RUNTIME_CODE void end_with_result() noexcept
    requires std::is_void_v<T>
  {
    outcome<void> ended;
    ended.take_over(root_->result());
    outcome<void>& place = replace_frame();
    place.take_over(ended);
  }
  // A value is the user's, and is moved by code of the user's.
  void end_with_result() noexcept {
    outcome<T> ended;
    ended.take_over(root_->result());
    outcome<T>& place = replace_frame();
    place.take_over(ended);
  }

  HEDDLE_RUNTIME_CODE void cancel_future() noexcept override { end_without_result(); }

  HEDDLE_RUNTIME_CODE const frame* chain() const noexcept override { return root_; }

  HEDDLE_INHERITS_CODE void end_without_result() noexcept { static_cast<void>(replace_frame()); }

  // Destroys the frame, and makes an empty outcome where its result was.
  HEDDLE_RUNTIME_CODE outcome<T>& replace_frame() noexcept {
    void* const place = &root_->result();
    destroy_chain(*root_);
    hooks::memory_restored(place, sizeof(outcome<T>));
    outcome_ = ::new (place) outcome<T>();
    this->ended_ = true;
    return *outcome_;
  }

  HEDDLE_RUNTIME_CODE outcome<T>& stored() noexcept override { return *outcome_; }
  HEDDLE_RUNTIME_CODE void drop_outcome() noexcept override {
    outcome_->reset();
    // Who frees the block has no order with who took the outcome.
    hooks::memory_retired(outcome_, sizeof(outcome<T>));
  }

  union {
    result_promise<T, Where>* root_;  // until ended_
    outcome<T>* outcome_;             // from then on
  };
};

}  // namespace heddle::detail
