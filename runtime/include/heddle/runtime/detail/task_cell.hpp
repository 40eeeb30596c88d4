// A spawned task of a known type: the header, and the future or its outcome.
//
// How it works. The storage holds the future until it is done or dropped, then how it ended. The result is
// moved once into the cell, and once out of it by the join_handle.
//
// Thread safety. task_state.hpp says who owns future and outcome.
#pragma once

#include "heddle/runtime/assert.hpp"
#include "heddle/runtime/detail/outcome.hpp"
#include "heddle/runtime/detail/runtime_code.hpp"
#include "heddle/runtime/detail/task_header.hpp"
#include "heddle/runtime/future.hpp"
#include "heddle/runtime/join_error.hpp"

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
    HEDDLE_ASSERT(ended_, "the result of a task is taken before it exists");
    if (!outcome_.is_set()) return tl::unexpected(join_error::cancelled(id(), name()));
    if (outcome_.has_exception()) {
      return tl::unexpected(join_error::failed(id(), name(), outcome_.take_exception()));
    }
    if constexpr (std::is_void_v<T>) {
      return {};
    } else {
      return result(outcome_.take());
    }
  }

 protected:
  HEDDLE_RUNTIME_CODE ~joinable() override {}

  outcome<T> outcome_;  // not set when cancelled
  bool ended_ = false;  // the outcome, or the cancellation, is stored

 private:
  HEDDLE_RUNTIME_CODE void drop_outcome() noexcept final { outcome_.reset(); }
  HEDDLE_RUNTIME_CODE hooks::task_end how_it_ended() const noexcept final {
    if (!outcome_.is_set()) return hooks::task_end::cancelled;
    return outcome_.has_exception() ? hooks::task_end::failed : hooks::task_end::completed;
  }
};

// F is a future; it is constructed in place and never moved.
template <class F>
class task_cell final : public joinable<future_output_t<F>> {
  using output = future_output_t<F>;
  using base = joinable<output>;

 public:
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
      this->outcome_.set_exception(std::current_exception());
    }
    destroy_future();
    return true;
  }

  HEDDLE_INHERITS_CODE bool poll_once(context& cx)
    requires std::is_void_v<output>
  {
    if (future_.poll(cx).is_pending()) return false;
    this->outcome_.set_value();
    return true;
  }
  // A value is the user's, and is moved by code of the user's.
  bool poll_once(context& cx) {
    poll_result<output> polled = future_.poll(cx);
    if (polled.is_pending()) return false;
    this->outcome_.set_value(std::move(polled).value());
    return true;
  }

  void cancel_future() noexcept override { destroy_future(); }

  HEDDLE_RUNTIME_CODE void destroy_future() noexcept {
    future_.~F();
    this->ended_ = true;
  }

  union {
    F future_;  // until ended_
  };
};

}  // namespace heddle::detail
