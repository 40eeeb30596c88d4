// The coroutines of a module, and which of their variables live in the frame while they are suspended.
//
// How it works. await_resume of heddle's awaiters is inlined into the coroutine in every build (detail/await.hpp), so
// the scopes of a coroutine show where its suspensions are, and on which lines. A variable lives across one if that
// stands in its scope, or in one inside, on its own line or a later one. What else is known differs:
//
// clang, at -O0: each part of the coroutine has a variable `__coro_frame`, whose type has a member for what it found to
// live across a suspension. A variable whose place is not in the frame does not; one that is may have been put there
// for the sake of the next round of a loop.
//
// g++, at any level: the frame holds all variables; but the function that resumes has, in its scopes, an artificial
// variable `Aw...` for each co_await. Where optimisation left fewer inlined calls than those, lines say nothing: then a
// variable is taken to live across a suspension that is in its scope, also if it is made behind it.
//
// Only coroutines that may move are of interest: those with a promise of heddle::task or dyn_task. clang describes no
// frame when it optimises: then a coroutine is counted among those without a frame.
#pragma once

#include "send_audit/debug_info.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace heddle::send_audit {

enum class evidence : std::uint8_t { lives_across, scope_suspends };

struct held_variable {
  std::string name;
  Dwarf_Die type;
  place where;  // of the coroutine, if it has no place of its own
  // A type that clang made up for a variable without a name; its name is all there is.
  bool is_made_up = false;
  evidence by = evidence::lives_across;
};

struct coroutine {
  std::string function;
  place where;
  std::vector<held_variable> held;
};

struct coroutines {
  std::vector<coroutine> found;            // in the order of their description
  std::vector<std::string> without_frame;  // compiled in a way that does not show it
};

coroutines coroutines_of(const module& from);

}  // namespace heddle::send_audit
