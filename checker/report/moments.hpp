// From the events of an execution to the moments a reader is shown: all of them, or the few that matter.
//
// How it works. Names are given and addresses resolved. What is never shown is the runtime's own business and what goes
// without saying, such as that a load read the newest store. What matters is found by looking at who touched what: an
// operation on an object that only one thread or task uses, or that nobody changes, cannot be part of what went wrong
// between two of them. Nor can the reference counts of shared pointers, nor operations that stand nowhere in the user's
// code. What decides who runs (threads, tasks, notifications, sleeps, choices of the test) always matters. Where
// nothing would be left, everything is shown.
#pragma once

#include "heddle/check/finding.hpp"
#include "heddle/sim/event.hpp"
#include "heddle/sim/machine.hpp"
#include "symbols/symbolizer.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace heddle::check {

// Moments that a finding shows of the time before it.
inline constexpr std::size_t timeline_max = 25;
// Moments that a report holds of the whole execution, the last ones.
inline constexpr std::size_t history_max = 20'000;

// The last events that matter; the same several times in a row are one moment. `mishaps` and `spawned`: those of the
// execution, as the next.
std::vector<moment> collect_timeline(const std::vector<sim::event>& events, symbolizer& symbols,
                                     std::span<const sim::mishap> mishaps = {},
                                     std::span<const sim::spawned_task> spawned = {});

// All that a reader may want to see, one moment an event.
std::vector<moment> collect_history(std::span<const sim::event> events, symbolizer& symbols,
                                    std::span<const sim::spawned_task> spawned = {});

// Takes off the end what only came of reporting an assertion: locks and allocations of the test framework.
void trim_reporting(const finding& what, std::vector<moment>& timeline);

// Of a livelock, takes out what everyone does again and again, which is told of each thread and task.
void leave_out_rounds(const finding& what, std::vector<moment>& timeline);

// One event, named as in the timeline.
moment collect_moment(const sim::event& one, symbolizer& symbols, std::span<const sim::spawned_task> spawned);

// Such as "mutex lock #3".
std::string describe(const sim::event& what);

}  // namespace heddle::check
