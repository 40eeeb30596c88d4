// What task, local_task and dyn_task have in common: a frame that is owned, polled, awaited and dropped.
//
// How it works. `result_promise` keeps how the coroutine ended and says what `co_await` takes; each type derives a
// promise from it that only knows what to return. `owned_coroutine` owns such a frame until it is awaited, which gives
// it to the chain that awaits (frame.hpp), or destroyed. `locality` keeps coroutines that are bound to a thread from
// being awaited by one that may move to another.
//
// Thread safety. One thread at a time; a coroutine of one_thread always the same one.
#pragma once

#include "heddle/hooks.hpp"
#include "heddle/runtime/detail/await.hpp"
#include "heddle/runtime/detail/frame.hpp"
#include "heddle/runtime/detail/frame_memory.hpp"
#include "heddle/runtime/detail/outcome.hpp"
#include "heddle/runtime/detail/runtime_code.hpp"
#include "heddle/runtime/detail/send_check.hpp"
#include "heddle/runtime/detail/thread_safety.hpp"
#include "heddle/runtime/future.hpp"

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <type_traits>
#include <utility>

namespace heddle::detail {

// Where a coroutine may run: on any thread of its runtime, or on the one that made it.
enum class locality : std::uint8_t { anywhere, one_thread };

// Base of all types that own a coroutine's frame, by which they are known.
template <locality Where>
class coroutine_owner {};

template <class A>
inline constexpr bool is_local_coroutine = std::derived_from<A, coroutine_owner<locality::one_thread>>;
template <class A>
inline constexpr bool is_coroutine = std::derived_from<A, coroutine_owner<locality::anywhere>> || is_local_coroutine<A>;

template <locality Where>
class promise_base : public frame {
 public:
  promise_base() noexcept {
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ == 12
    // It puts a variable in front of some frames, see docs/compilers.md. Such a coroutine would be resumed with a wrong
    // address, and most often hang.
    HEDDLE_ASSERT(
        frame_memory::begins_at(this->address()),
        "g++ 12 lays this coroutine out wrongly, as it declares no variable and awaits in a condition; put the "
        "result of the co_await into a variable first");
#endif
  }

  // With room for the header of a task, see frame_memory.hpp. Part of the function that calls the coroutine.
  HEDDLE_INHERITS_CODE static void* operator new(std::size_t bytes) { return frame_memory::allocate(bytes); }
  HEDDLE_INHERITS_CODE static void operator delete(void* frame) noexcept { frame_memory::release(frame); }

  std::suspend_always initial_suspend() const noexcept { return {}; }
  std::suspend_always final_suspend() const noexcept { return {}; }

  // The default arguments name the place of the `co_await`, for the observer's report and for dumps.
  template <class Awaited>
  HEDDLE_RUNTIME_CODE auto await_transform(Awaited&& awaited, const char* file = __builtin_FILE(),
                                           const char* function = __builtin_FUNCTION(),
                                           unsigned line = __builtin_LINE(), code_place place = code_place::current())
      HEDDLE_SUSPENDS(Where == locality::anywhere) {
    using operand = std::remove_reference_t<Awaited>;
    static_assert(future<operand>,
                  "co_await inside a heddle::task takes a heddle future: a type with poll(context&) -> poll_result<T>; "
                  "for a foreign awaitable use from_awaitable");
    static_assert(Where == locality::one_thread || !is_local_coroutine<operand>,
                  "a local_task stays on its thread and cannot be awaited by a task, which may move to another; use "
                  "spawn_local, or make the awaiting coroutine a local_task");
    if constexpr (Where == locality::anywhere && !is_coroutine<operand>) {
      if constexpr (!is_held<verdict<question::send, operand>>) demand<send_at<why::awaited, operand>>();
    }
    this->stand_at(place);
    hooks::await_begins(hooks::source_place{file, function, line});
    if constexpr (is_coroutine<operand>) {
      return task_awaiter<typename operand::result_promise_type>(awaited.release());
    } else {
      return future_awaiter<operand>(awaited);
    }
  }

 protected:
  ~promise_base() = default;
};

template <class T, locality Where>
class result_promise : public promise_base<Where> {
  static_assert(alignof(outcome<T>) <= frame::alignment_max,
                "a task yields no value that asks for more alignment than operator new gives; yield a std::unique_ptr");

 public:
  void unhandled_exception() noexcept { result_.set_exception(std::current_exception()); }
  template <class U = T>
    requires std::convertible_to<U, T>
  void return_value(U&& value) {
    result_.set_value(std::forward<U>(value));
  }

  HEDDLE_INHERITS_CODE T take_result() { return result_.take(); }
  HEDDLE_INHERITS_CODE outcome<T>& result() noexcept { return result_; }

 protected:
  ~result_promise() = default;

 private:
  outcome<T> result_;
};

template <locality Where>
class result_promise<void, Where> : public promise_base<Where> {
 public:
  void unhandled_exception() noexcept { result_.set_exception(std::current_exception()); }
  void return_void() noexcept { result_.set_value(); }

  HEDDLE_INHERITS_CODE void take_result() { result_.take(); }
  HEDDLE_INHERITS_CODE outcome<void>& result() noexcept { return result_; }

 protected:
  ~result_promise() = default;

 private:
  outcome<void> result_;
};

template <class T, locality Where>
class owned_coroutine : public coroutine_owner<Where> {
  static_assert(std::is_void_v<T> || std::is_object_v<T>, "a task yields a value or void; for a reference, a pointer");

 public:
  using result_promise_type = result_promise<T, Where>;

  owned_coroutine(const owned_coroutine&) = delete;
  owned_coroutine& operator=(const owned_coroutine&) = delete;

  // Runs the coroutine on the calling thread until it is done or pending. Its exception is rethrown once.
  // REQUIRES: it is not empty and not done.
  HEDDLE_INHERITS_CODE poll_result<T> poll(context& cx) {
    HEDDLE_ASSERT(promise_ != nullptr, "an empty task is polled: it was moved from, awaited or default made");
    if (!poll_chain(*promise_, cx)) return pending;
    if constexpr (std::is_void_v<T>) {
      promise_->take_result();
      return ready;
    } else {
      return promise_->take_result();
    }
  }

  // Whether there is a coroutine to poll.
  explicit operator bool() const noexcept { return promise_ != nullptr; }

  // Its frame, for the runtime; null if it is empty.
  const frame* chain() const noexcept { return promise_; }

  // Gives the coroutine to who awaits or spawns it; for the runtime. REQUIRES: not empty.
  HEDDLE_INHERITS_CODE result_promise_type& release() noexcept {
    HEDDLE_ASSERT(promise_ != nullptr, "an empty task is awaited: it was moved from, awaited before or default made");
    result_promise_type& released = *promise_;
    promise_ = nullptr;
    return released;
  }

 protected:
  owned_coroutine() noexcept = default;
  explicit owned_coroutine(result_promise_type& promise) noexcept : promise_(&promise) {}
  owned_coroutine(owned_coroutine&& other) noexcept : promise_(std::exchange(other.promise_, nullptr)) {}
  owned_coroutine& operator=(owned_coroutine&& other) noexcept {
    owned_coroutine old(std::move(*this));
    promise_ = std::exchange(other.promise_, nullptr);
    return *this;
  }
  ~owned_coroutine() {
    if (promise_ != nullptr) destroy_chain(*promise_);
  }

 private:
  result_promise_type* promise_ = nullptr;
};

}  // namespace heddle::detail
