// Properties: bodies whose inputs RapidCheck generates, and whose schedules are explored.
//
//     const heddle::check::report report = heddle::check::explore_property({.schedules = 50}, [] {
//       const auto amounts = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 100));
//       return [amounts] {  // the body: runs once per schedule, on the simulated machine
//         account tested;
//         std::thread other([&] { for (const int each : amounts) tested.deposit(each); });
//         ...
//         RC_ASSERT(tested.balance() == sum);
//       };
//     });
//
// How it works. An input is generated and its body explored, with options::schedules schedules, 100 unless said
// otherwise; then the next. When a schedule fails, the input is shrunk first: each input that RapidCheck proposes is
// explored, the decisions of the last failure before any others, and taken if it fails in the same way, that is with a
// finding of the same kind at the same place. Then the schedule of the smallest input is shrunk. What is reported is
// one finding, with the inputs, and one token that holds both. See docs/properties.md.
//
// RC_PARAMS is heeded: seed, max_success (inputs), max_size, max_discard_ratio, noshrink, reproduce, verbose_progress
// and verbose_shrinking. Without a seed there, that of the options is taken, so that a run is repeatable.
// HEDDLE_SCHEDULES and HEDDLE_TIME are budgets of the test as a whole, shared out among its inputs.
//
// Thread safety: as check::explore. RapidCheck's own code runs outside of executions: what a body asks of a generator
// is a failure that says so.
//
// Limits: RC_TAG, RC_CLASSIFY and RC_LOG do nothing in a body. An RC_ASSERT that fails on a thread other than the
// body's own ends the execution as an exception that nobody caught. A crash ends the process, so its inputs are not
// shrunk.
#pragma once

#include "heddle/check/options.hpp"
#include "heddle/check/report.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <rapidcheck.h>

namespace heddle::check {

// What a generated input makes of a property. Copied and called in executions.
using property_body = std::function<void()>;

// Options of a property by default.
inline options property_options() {
  return {.schedules = 100};
}

namespace detail {

using generated_body = std::pair<property_body, rc::gen::detail::Recipe>;

report explore_generated(const options& chosen, const rc::Gen<generated_body>& bodies);

// What stands between the commas of a list such as "(int a, std::map<int, int> b)".
std::vector<std::string> names_of_parameters(std::string_view list);

template <typename Values, std::size_t... Index>
Values generated_values(const std::vector<std::string>& names, std::index_sequence<Index...>) {
  // In braces, one after the other.
  return Values{*rc::gen::arbitrary<std::tuple_element_t<Index, Values>>().as(Index < names.size() ? names[Index]
                                                                                                   : std::string())...};
}

// Generates arguments for a function, and makes a body of both. `parameters` is the list as it is written.
template <typename Result, typename... Arguments, typename Call>
auto with_generated_arguments(Result (*)(Arguments...), const char* parameters, Call call) {
  using values = std::tuple<std::decay_t<Arguments>...>;
  static_assert(std::is_copy_constructible_v<values>, "arguments of a property are copied for each schedule");
  return [names = names_of_parameters(parameters), call] {
    const auto all = std::make_index_sequence<sizeof...(Arguments)>();
    return [generated = generated_values<values>(names, all), call] {
      values own = generated;
      call(std::move(own));
    };
  };
}

}  // namespace detail

// `generate()` returns the body of one input: a callable without parameters, which can be copied. It may pick values by
// `*generator`, and discard by RC_PRE.
template <typename Generate>
[[nodiscard]] report explore_property(const options& chosen, Generate generate) {
  return detail::explore_generated(
      chosen, rc::gen::detail::execRaw([generate = std::move(generate)] { return property_body(generate()); }));
}

}  // namespace heddle::check
