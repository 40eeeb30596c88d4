// What checking a whole program does, where the program itself says nothing: see heddle_check_program.
//
// A source file that is added to the program may define configure(), for all that has no variable in the environment:
//
//     void heddle::check::configure(program_options& chosen) { chosen.explore.steps_max = 10'000'000; }
//
// The environment goes over it: HEDDLE_EXIT, HEDDLE_STATUS, HEDDLE_OUTPUT, and those of check::options.
#pragma once

#include "heddle/check/options.hpp"

#include <cstdint>

namespace heddle::check {

// When the program exits after `main` returned. A call of exit() is an exit at once in any case.
enum class exit_moment : std::uint8_t {
  after_threads,  // HEDDLE_EXIT=wait: when no other thread can go on any more; a bounded time
  at_once,        // HEDDLE_EXIT=now: its threads go on while handlers of atexit and static destructors run
};

// What an exit status other than 0 is.
enum class status_judgement : std::uint8_t {
  any,   // HEDDLE_STATUS=any: no finding
  zero,  // HEDDLE_STATUS=zero: an assertion that failed
};

// What becomes of what the program prints.
enum class output_use : std::uint8_t {
  failing,  // HEDDLE_OUTPUT=failing: that of the failing schedule is shown with the report, the rest is dropped
  all,      // HEDDLE_OUTPUT=all: nothing is held back
};

struct program_options {
  options explore = {.leaks = false};
  exit_moment at_return = exit_moment::after_threads;
  status_judgement status = status_judgement::any;
  output_use output = output_use::failing;
};

// Defined by the program, or by nobody. Called before the exploration.
[[gnu::weak]] void configure(program_options& chosen);

}  // namespace heddle::check
