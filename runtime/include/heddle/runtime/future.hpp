// The poll protocol: anything with `poll(context&) -> poll_result<T>` is a future.
//
// How it works. Polling makes progress on the calling thread. `pending` promises that the waker of the
// latest poll's context is woken when the next poll can make progress. Once ready, a future is not polled
// again. Destroying a future, at any time between polls, cancels it.
//
// Invariants.
//   1. A future may be moved until its first poll; from then on its address is fixed until it is destroyed.
//   2. A future is polled by one thread at a time, not always the same one.
#pragma once

#include "heddle/runtime/context.hpp"
#include "heddle/runtime/poll_result.hpp"

#include <type_traits>
#include <utility>

namespace heddle {

namespace detail {
template <class T>
inline constexpr bool is_poll_result = false;
template <class T>
inline constexpr bool is_poll_result<poll_result<T>> = true;
}  // namespace detail

// A type whose objects can be polled, awaited, spawned and timed out.
template <class F>
concept future =
    requires(std::remove_reference_t<F>& f, context& cx) { requires detail::is_poll_result<decltype(f.poll(cx))>; };

// What a future yields: the T of its poll_result<T>.
template <future F>
using future_output_t =
    typename decltype(std::declval<std::remove_reference_t<F>&>().poll(std::declval<context&>()))::value_type;

}  // namespace heddle
