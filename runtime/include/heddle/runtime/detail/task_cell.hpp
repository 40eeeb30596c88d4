// A spawned task of a known type: the header, and the future or its outcome.
//
// How it works. The storage holds the future until it is done or dropped, then how it ended. The result is
// moved once into the cell, and once out of it by the join_handle.
//
// Thread safety. task_state.hpp says who owns future and outcome.
#pragma once

#include "heddle/runtime/assert.hpp"
#include "heddle/runtime/detail/outcome.hpp"
#include "heddle/runtime/detail/task_header.hpp"
#include "heddle/runtime/future.hpp"
#include "heddle/runtime/join_error.hpp"

#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <tl/expected.hpp>

namespace heddle::detail {

// What the join_handle of a task of T sees.
template <class T>
class joinable : public task_header {
 public:
  using task_header::task_header;
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
  ~joinable() override = default;

  outcome<T> outcome_;  // not set when cancelled
  bool ended_ = false;  // the outcome, or the cancellation, is stored

 private:
  void drop_outcome() noexcept final { outcome_.reset(); }
  hooks::task_end how_it_ended() const noexcept final {
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
  task_cell(std::shared_ptr<task_owner> owner, task_header::identity who, Args&&... args)
      : base(std::move(owner), std::move(who)), future_(std::in_place, std::forward<Args>(args)...) {}

 private:
  ~task_cell() override = default;

  bool poll_future(context& cx) noexcept override {
    try {
      if constexpr (std::is_void_v<output>) {
        if (future_->poll(cx).is_pending()) return false;
        this->outcome_.set_value();
      } else {
        poll_result<output> polled = future_->poll(cx);
        if (polled.is_pending()) return false;
        this->outcome_.set_value(std::move(polled).value());
      }
    } catch (...) {
      this->outcome_.set_exception(std::current_exception());
    }
    future_.reset();
    this->ended_ = true;
    return true;
  }

  void cancel_future() noexcept override {
    future_.reset();
    this->ended_ = true;
  }

  std::optional<F> future_;
};

}  // namespace heddle::detail
