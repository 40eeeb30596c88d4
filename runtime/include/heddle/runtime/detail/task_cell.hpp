// A spawned task of a known type: the header, and the future or its outcome.
//
// How it works. The storage holds the future until it is done or dropped, then how it ended. The result is
// moved once into the cell, and once out of it by the join_handle.
//
// Thread safety. task_state.hpp says who owns future and outcome.
#pragma once

#include "heddle/runtime/assert.hpp"
#include "heddle/runtime/detail/frame_pool.hpp"
#include "heddle/runtime/detail/outcome.hpp"
#include "heddle/runtime/detail/runtime_code.hpp"
#include "heddle/runtime/detail/task_header.hpp"
#include "heddle/runtime/future.hpp"
#include "heddle/runtime/join_error.hpp"

#include <cstddef>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

#include <tl/expected.hpp>

namespace heddle::detail {

// What the join_handle of a task of T sees.
template <class T>
class joinable : public task_header {
 public:
  using result = tl::expected<T, join_error>;

  // Moves the outcome out. REQUIRES: complete, join interest, called once.
  result take_outcome() {
    HEDDLE_ASSERT(this->ended_, "the result of a task is taken before it exists");
    outcome<T>& ended = stored();
    if (!ended.is_set()) return tl::unexpected(join_error::cancelled(id(), name()));
    if (ended.has_exception()) return tl::unexpected(join_error::failed(id(), name(), ended.take_exception()));
    if constexpr (std::is_void_v<T>) {
      return {};
    } else {
      return result(ended.take());
    }
  }

 protected:
  HEDDLE_RUNTIME_CODE ~joinable() override {}

 private:
  // Not set when cancelled. REQUIRES: ended_.
  virtual outcome<T>& stored() noexcept = 0;

  HEDDLE_RUNTIME_CODE hooks::task_end how_it_ended() noexcept final {
    const outcome<T>& ended = stored();
    if (!ended.is_set()) return hooks::task_end::cancelled;
    return ended.has_exception() ? hooks::task_end::failed : hooks::task_end::completed;
  }
};

// F is a future; it is constructed in place and never moved. For coroutines see coroutine_cell.hpp.
template <class F>
class task_cell final : public joinable<future_output_t<F>> {
  using output = future_output_t<F>;

 public:
  HEDDLE_RUNTIME_CODE static void* operator new(std::size_t bytes) { return frame_pool::allocate(bytes); }
  // Who frees a cell has no order with those who used it.
  HEDDLE_RUNTIME_CODE static void operator delete(void* cell, std::size_t bytes) noexcept {
    hooks::memory_restored(cell, bytes);
    frame_pool::free(cell, bytes);
  }

  template <class... Args>
  explicit task_cell(Args&&... args) : future_(std::forward<Args>(args)...) {}

 private:
  HEDDLE_RUNTIME_CODE ~task_cell() override {
    if (!this->ended_) destroy_future();
  }

  HEDDLE_RUNTIME_CODE bool poll_future(context& cx) noexcept override {
    try {
      if (!poll_once(cx)) return false;
    } catch (...) {
      outcome_.set_exception(std::current_exception());
    }
    destroy_future();
    return true;
  }

  HEDDLE_INHERITS_CODE bool poll_once(context& cx)
    requires std::is_void_v<output>
  {
    if (future_.poll(cx).is_pending()) return false;
    outcome_.set_value();
    return true;
  }
  // A value is the user's, and is moved by code of the user's.
  bool poll_once(context& cx) {
    poll_result<output> polled = future_.poll(cx);
    if (polled.is_pending()) return false;
    outcome_.set_value(std::move(polled).value());
    return true;
  }

  void cancel_future() noexcept override { destroy_future(); }

  HEDDLE_RUNTIME_CODE const frame* chain() const noexcept override {
    if constexpr (requires { future_.chain(); }) {
      return future_.chain();
    } else {
      return nullptr;
    }
  }

  HEDDLE_RUNTIME_CODE void destroy_future() noexcept {
    future_.~F();
    this->ended_ = true;
  }

  HEDDLE_RUNTIME_CODE outcome<output>& stored() noexcept override { return outcome_; }
  HEDDLE_RUNTIME_CODE void drop_outcome() noexcept override { outcome_.reset(); }

  union {
    F future_;  // until ended_
  };
  outcome<output> outcome_;
};

}  // namespace heddle::detail
