// A spawned coroutine: its header, which lives in the room in front of the frame (frame_memory.hpp).
//
// How it works. Spawning a task allocates nothing. When the coroutine has ended, its result is moved out of the frame,
// the frame is destroyed with all that it holds, and the result is put back to where it was: the promise is no more,
// and its place is large and aligned enough. The join_handle takes it from there. The cell keeps no address of either:
// they stand at a fixed distance from it.
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
  static coroutine_cell& make(result_promise<T, Where>& promise) noexcept {
    static_assert(sizeof(coroutine_cell) <= frame_memory::room);
    static_assert(alignof(coroutine_cell) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
    auto& made = *::new (frame_memory::claim(promise.address())) coroutine_cell();
    HEDDLE_ASSERT(&made.root() == &promise, "the promise of a task stands elsewhere than where it is looked for");
    return made;
  }

  static void operator delete(void* cell) noexcept { frame_memory::free_claimed(cell); }

 private:
  coroutine_cell() noexcept = default;

  HEDDLE_RUNTIME_CODE ~coroutine_cell() override {
    if (!this->ended_) end_without_result();
  }

  HEDDLE_RUNTIME_CODE bool poll_future(context& cx) noexcept override {
    if (!poll_chain(root(), cx)) return false;
    end_with_result();
    return true;
  }

  HEDDLE_RUNTIME_CODE void end_with_result() noexcept
    requires std::is_void_v<T>
  {
    outcome<void> ended;
    ended.take_over(root().result());
    outcome<void>& place = replace_frame();
    place.take_over(ended);
  }
  // A value is the user's, and is moved by code of the user's.
  void end_with_result() noexcept {
    outcome<T> ended;
    ended.take_over(root().result());
    outcome<T>& place = replace_frame();
    place.take_over(ended);
  }

  HEDDLE_RUNTIME_CODE void cancel_future() noexcept override { end_without_result(); }

  HEDDLE_RUNTIME_CODE const frame* chain() const noexcept override { return &root(); }

  HEDDLE_INHERITS_CODE void end_without_result() noexcept { static_cast<void>(replace_frame()); }

  // Destroys the frame, and makes an empty outcome where its result was.
  HEDDLE_RUNTIME_CODE outcome<T>& replace_frame() noexcept {
    void* const place = &root().result();
    destroy_chain(root());
    hooks::memory_restored(place, sizeof(outcome<T>));
    auto* const made = ::new (place) outcome<T>();
    this->ended_ = true;
    return *made;
  }

  HEDDLE_RUNTIME_CODE outcome<T>& stored() noexcept override { return root().result(); }
  HEDDLE_RUNTIME_CODE void drop_outcome() noexcept override {
    outcome<T>& stored_here = stored();
    stored_here.reset();
    // Who frees the block has no order with who took the outcome.
    hooks::memory_retired(&stored_here, sizeof(outcome<T>));
  }

  // Until ended_. From then on only its address is of use, and that of its result, where the outcome stands.
  HEDDLE_RUNTIME_CODE result_promise<T, Where>& root() const noexcept {
    using type = result_promise<T, Where>;
    return *static_cast<type*>(__builtin_coro_promise(frame_memory::frame_of(this), alignof(type), false));
  }
};

}  // namespace heddle::detail
