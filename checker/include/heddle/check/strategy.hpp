// How the schedules of an exploration are chosen, as a value that an options struct can hold.
//
// Each strategy is a small struct of its parameters. Its name and parameters, written `name` or
// `name:parameter`, are what HEDDLE_STRATEGY accepts and what a replay token carries.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace heddle::check {

// Random and bursty: half of the schedules choose uniformly at every point, the others stay on the
// running thread with a probability from 1/2 to 31/32, drawn once per schedule. Uniform switching alone
// never lets one thread run long enough to fill a queue or to age a timer.
struct random {
  friend bool operator==(const random&, const random&) = default;
};

// Priorities (Burckhardt et al., ASPLOS 2010): the runnable thread of highest priority runs; at depth - 1 random
// moments the running one falls below all others. Finds what needs few, exact preemptions and otherwise long runs.
struct pct {
  std::uint32_t depth = 3;  // ordering constraints of the bugs looked for; from 1 to pct_depth_max
  friend bool operator==(const pct&, const pct&) = default;
};
inline constexpr std::uint32_t pct_depth_max = 100;

// Partial order sampling (Yuan et al., CAV 2018): random priorities of operations, drawn anew when one conflicts with
// what was just done. Good all round, where threads are few.
struct pos {
  friend bool operator==(const pos&, const pos&) = default;
};

// Selectively uniform random walk (Zhao et al., ASPLOS 2025): threads are weighed by what they still have to do on one
// shared object, seldom by all of it, and the rest goes as in `pos`. Finds what needs a thread to run ahead of others.
struct surw {
  friend bool operator==(const surw&, const surw&) = default;
};

// Threads take turns, each until it waits or for so many scheduling points as the schedule has drawn, from 1 to 64. Not
// random within a schedule: finds what needs threads to go on in step.
struct round_robin {
  friend bool operator==(const round_robin&, const round_robin&) = default;
};

// Delays (Emmi, Qadeer, Rakamaric, POPL 2011): each thread runs until it waits, then the next in turn; at `bound`
// random moments the one whose turn it is is passed over. Finds what needs few preemptions, with many threads too.
struct delays {
  std::uint32_t bound = 2;  // from 0 to delays_max
  friend bool operator==(const delays&, const delays&) = default;
};
inline constexpr std::uint32_t delays_max = 100;

// Four fixed schedules among the first, threads and tasks in step, stopped once each, or never (docs/strategies.md);
// the others by `surw`, `random`, `pct` of depths 1 to 5 and `pos`, in turn: half of them by `surw`. What one of them
// never finds another may find soon.
struct portfolio {
  friend bool operator==(const portfolio&, const portfolio&) = default;
};

// Decisions of schedules that showed something new, an operation that sees what another thread's operation at another
// place had left, or sees it more often, are kept and tried again with small changes (as AFL does with inputs; Wolff et
// al., ASPLOS 2024). Finds what must be come to step by step.
struct feedback {
  friend bool operator==(const feedback&, const feedback&) = default;
};

// Not a sample: every execution that differs from the others in the order of two dependent operations, each once
// (optimal dynamic partial-order reduction, Abdulla et al., JACM 2017). It ends by itself, with report::proved, unless
// a limit of schedules or time comes first. For small programs without data races and without loops that spin.
struct exhaustive {
  // Only those in which so many threads at most are interrupted where they could have gone on, those without any first,
  // then those with one, and so on (iterative context bounding, Musuvathi and Qadeer, PLDI 2007). Most bugs need no
  // more than two. Nothing: any number. At most preemptions_max.
  std::optional<std::uint32_t> preemptions = std::nullopt;
  // Or only those that differ from a deterministic scheduler by so many delays at most: a delay passes over a thread
  // whose turn it is, also where the one before waits (Emmi et al., POPL 2011). The number of schedules does not grow
  // with the number of threads. Where both are given, this one is the bound. At most delays_max.
  std::optional<std::uint32_t> delays = std::nullopt;
  friend bool operator==(const exhaustive&, const exhaustive&) = default;
};

inline constexpr std::uint32_t preemptions_max = 100;

using strategy = std::variant<random, pct, pos, surw, round_robin, delays, portfolio, feedback, exhaustive>;

// Such as "random" or "pct:3"; never contains '-'.
std::string to_string(const strategy& chosen);

// What a text such as HEDDLE_STRATEGY's means: a strategy, or a sentence that names the allowed ones.
std::variant<strategy, std::string> parse_strategy(std::string_view text);

}  // namespace heddle::check
