// Runs a body over many schedules on the simulated machine, and judges each.
//
// How it works. Schedule i is one execution of the body, driven by the strategy and a seed made of
// options.seed and i. Exploration ends at the first that fails, or at the limit of the options. A sample is run twice
// to see that the body is a function of its schedule. A failing schedule is run once more to confirm it. A crash is
// reported on standard error, and then the process ends by the signal it would have died of.
//
// Thread safety: one exploration at a time in a process; another one gets an error in its report.
//
// Invariant: between executions nothing is left of the last one, but what the body keeps in statics and
// in objects it captured. A body that reads such state acts differently from run to run: that is `nondeterminism`.
#pragma once

#include "heddle/check/options.hpp"
#include "heddle/check/report.hpp"

#include <concepts>
#include <memory>
#include <type_traits>

namespace heddle::check {

// A callable without its type. Refers to the callable; does not own it.
class body_reference {
 public:
  template <typename Body>
    requires(std::is_object_v<Body> && std::invocable<Body&> &&
             !std::same_as<std::remove_cvref_t<Body>, body_reference>)
  explicit body_reference(Body& body) noexcept
      : call_([](void* context) { static_cast<void>((*static_cast<Body*>(context))()); }),
        context_(const_cast<void*>(static_cast<const volatile void*>(std::addressof(body)))) {}

  // As sim::machine::run takes it.
  void (*call() const noexcept)(void*) { return call_; }
  void* context() const noexcept { return context_; }

 private:
  void (*call_)(void*);
  void* context_;
};

// The exploration proper; explore() is the way to call it.
report explore_body(const options& chosen, body_reference body);

// Runs `body()` once per schedule, as the main thread of a simulated machine.
// REQUIRES: not called inside an execution (it fails that execution).
template <typename Body>
  requires std::invocable<std::remove_reference_t<Body>&>
[[nodiscard]] report explore(const options& chosen, Body&& body) {
  if constexpr (std::is_function_v<std::remove_reference_t<Body>>) {
    auto* function = &body;
    return explore_body(chosen, body_reference(function));
  } else {
    return explore_body(chosen, body_reference(body));
  }
}

}  // namespace heddle::check
