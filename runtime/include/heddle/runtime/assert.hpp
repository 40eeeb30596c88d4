// HEDDLE_ASSERT: an invariant that is checked in every build, and says in a sentence what it protects.
//
// How it works. A condition that does not hold prints the expression, its place and the sentence to
// stderr and aborts. Inside a simulated execution it is a finding instead, with the command that replays
// it, and other executions follow.
//
// Thread safety. Any thread, any time; nothing is allocated.
#pragma once

namespace heddle::detail {

[[noreturn]] void assertion_failed(const char* expression, const char* file, int line, const char* sentence) noexcept;

}  // namespace heddle::detail

// Aborts, with `sentence`, when `condition` is false. For errors of the programmer; expected failures are values.
#define HEDDLE_ASSERT(condition, sentence)             \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::heddle::detail::assertion_failed(#condition, __FILE__, __LINE__, sentence))
