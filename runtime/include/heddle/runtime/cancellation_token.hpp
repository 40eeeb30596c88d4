// Tells any number of tasks to stop, and lets them decide how.
//
// How it works. Copies of a token are the same token. `cancel()` is seen by `is_cancelled()` and wakes everybody who
// awaits `cancelled()`; it cannot be taken back. A `child_token()` is cancelled with its parent, and can be cancelled
// alone. Where an abort drops a task at any suspension, a token is looked at only where the task says so, and
// so it can finish what it has begun.
//
//     heddle::cancellation_token stop;
//     auto serving = heddle::spawn(serve(stop.child_token()));   // in it: co_await stop.run_until_cancelled(accept())
//     stop.cancel();
//     co_await serving;
//
// The coroutine resumes on its own runtime, never inside cancel().
//
// Cancellation. Dropping `cancelled()` has no effect. run_until_cancelled drops the future it owns when the token
// is cancelled, or when it is dropped itself; one given as an lvalue is left alone.
//
// Thread safety. Any thread: cancel, is_cancelled, child_token, cancelled and copying may be called at once by several.
// Limits. A child keeps its parent's state in memory, so a chain of children of children grows with its length.
#pragma once

#include "heddle/runtime/assert.hpp"
#include "heddle/runtime/detail/branch.hpp"
#include "heddle/runtime/detail/cancellation_node.hpp"
#include "heddle/runtime/future.hpp"

#include <optional>
#include <utility>

namespace heddle {

class cancellation_token;
class cancelled_future;
class cancellation_guard;
template <future F>
class run_until_cancelled_future;

class cancellation_token {
 public:
  // A new token, which nothing but its own cancel() cancels.
  cancellation_token() : node_(&detail::cancellation_node::create()) {}
  cancellation_token(const cancellation_token& other) noexcept : node_(&other.node()) { node_->add_reference(); }
  // A moved-from token may only be destroyed or assigned to.
  cancellation_token(cancellation_token&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  cancellation_token& operator=(cancellation_token other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~cancellation_token() {
    if (node_ != nullptr) node_->release();
  }

  // A token that is cancelled with this one; at once, if this one is already.
  [[nodiscard]] cancellation_token child_token() const { return cancellation_token(node().create_child()); }

  // Cancels this token and all below it. What the caller did before is seen by who sees it cancelled.
  void cancel() const noexcept { node().cancel(); }
  bool is_cancelled() const noexcept { return node().is_cancelled(); }

  // Ready when the token is cancelled. The future keeps the token alive. Cancel-safe.
  [[nodiscard]] cancelled_future cancelled() const noexcept;

  // The value of `inner`, in an optional; or nothing, and `inner` is dropped, if the token is cancelled first. Of both
  // at once, the value. What yields void gives std::monostate. A token that is cancelled already keeps `inner` from
  // being polled.
  template <class F>
    requires future<F>
  run_until_cancelled_future<F> run_until_cancelled(F&& inner) const;

  // Cancels the token at the end of a scope.
  [[nodiscard]] cancellation_guard drop_guard() const noexcept;

 private:
  explicit cancellation_token(detail::cancellation_node& node) noexcept : node_(&node) {}
  friend cancelled_future;

  detail::cancellation_node& node() const noexcept {
    HEDDLE_ASSERT(node_ != nullptr, "a moved-from cancellation_token is used");
    return *node_;
  }

  detail::cancellation_node* node_;
};

class [[nodiscard("it does nothing until it is awaited")]] cancelled_future {
 public:
  explicit cancelled_future(cancellation_token token) noexcept : token_(std::move(token)) {}
  // REQUIRES: `other` was not polled.
  cancelled_future(cancelled_future&& other) noexcept = default;
  cancelled_future& operator=(cancelled_future&&) = delete;
  ~cancelled_future() {
    if (token_.node_ != nullptr) token_.node().stop_waiting(waiting_);
  }

  poll_result<> poll(context& cx) noexcept {
    if (!token_.node().poll(waiting_, cx.get_waker())) return pending;
    return ready;
  }

 private:
  cancellation_token token_;
  detail::wait_node waiting_;
};

// F is a future, or an lvalue reference to one.
template <future F>
class [[nodiscard("it does nothing until it is awaited")]] run_until_cancelled_future {
  using output = future_output_t<F>;

 public:
  using result = std::optional<detail::stored_output_t<output>>;

  run_until_cancelled_future(cancellation_token token, F&& inner)
      : cancelled_(std::move(token)), inner_(std::forward<F>(inner)) {}

  // REQUIRES: not ready before.
  poll_result<result> poll(context& cx) {
    // Registered before the inner future is polled, and looked at again by the next poll.
    const bool is_cancelled = cancelled_.poll(cx).is_ready();
    if (is_cancelled && !has_begun_) return give_up();
    has_begun_ = true;
    if constexpr (std::is_void_v<output>) {
      if (inner_.poll(cx).is_ready()) return poll_result<result>(std::in_place, std::in_place);
    } else {
      poll_result<output> polled = inner_.poll(cx);
      if (polled.is_ready()) return poll_result<result>(std::in_place, std::move(polled).value());
    }
    if (!is_cancelled) return pending;
    return give_up();
  }

 private:
  poll_result<result> give_up() noexcept {
    inner_.drop();
    return poll_result<result>(std::in_place, std::nullopt);
  }

  cancelled_future cancelled_;
  detail::branch<F> inner_;
  bool has_begun_ = false;
};

// Cancels its token when it is destroyed.
class [[nodiscard("a guard that is dropped at once cancels at once")]] cancellation_guard {
 public:
  explicit cancellation_guard(cancellation_token token) noexcept : token_(std::move(token)) {}
  cancellation_guard(cancellation_guard&& other) noexcept : token_(std::exchange(other.token_, std::nullopt)) {}
  cancellation_guard& operator=(cancellation_guard&&) = delete;
  ~cancellation_guard() {
    if (token_.has_value()) token_->cancel();
  }

  // Gives the token back; nothing is cancelled then. REQUIRES: called once.
  cancellation_token disarm() noexcept {
    HEDDLE_ASSERT(token_.has_value(), "a cancellation_guard is disarmed twice, or was moved from");
    return *std::exchange(token_, std::nullopt);
  }

 private:
  std::optional<cancellation_token> token_;
};

inline cancelled_future cancellation_token::cancelled() const noexcept {
  return cancelled_future(*this);
}

template <class F>
  requires future<F>
run_until_cancelled_future<F> cancellation_token::run_until_cancelled(F&& inner) const {
  return run_until_cancelled_future<F>(*this, std::forward<F>(inner));
}

inline cancellation_guard cancellation_token::drop_guard() const noexcept {
  return cancellation_guard(*this);
}

}  // namespace heddle
