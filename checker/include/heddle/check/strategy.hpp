// How the schedules of an exploration are chosen, as a value that an options struct can hold.
//
// Each strategy is a small struct of its parameters. Its name and parameters, written `name` or
// `name:parameter`, are what HEDDLE_STRATEGY accepts and what a replay token carries.
#pragma once

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

using strategy = std::variant<random>;

// Such as "random"; never contains '-'.
std::string to_string(const strategy& chosen);

// What a text such as HEDDLE_STRATEGY's means: a strategy, or a sentence that names the allowed ones.
std::variant<strategy, std::string> parse_strategy(std::string_view text);

}  // namespace heddle::check
