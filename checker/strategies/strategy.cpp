#include "strategies/strategy.hpp"

#include "strategies/bounded/bounded.hpp"
#include "strategies/delays.hpp"
#include "strategies/exhaustive/exhaustive.hpp"
#include "strategies/feedback/feedback.hpp"
#include "strategies/fixed_schedules.hpp"
#include "strategies/lockstep.hpp"
#include "strategies/portfolio.hpp"
#include "strategies/random.hpp"
#include "strategies/round_robin.hpp"

#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace heddle::check {

namespace {

template <typename... Cases>
struct overloaded : Cases... {
  using Cases::operator()...;
};

constexpr std::string_view allowed =
    "portfolio, random, pct, pct:<depth>, pos, surw, round_robin, delays, delays:<bound>, feedback, "
    "exhaustive, exhaustive:<preemptions>, exhaustive:delays:<bound>";

// Nothing if the text is no number of that range.
std::optional<std::uint32_t> parse_parameter(std::string_view text, std::uint32_t least, std::uint32_t most) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && number >= least && number <= most ? std::optional(number) : std::nullopt;
}

std::variant<strategy, std::string> parse_pct(std::string_view parameter) {
  if (const auto depth = parse_parameter(parameter, 1, pct_depth_max)) return strategy{pct{.depth = *depth}};
  return fmt::format("`{}` is no depth of the strategy `pct`; allowed: a number from 1 to {}", parameter,
                     pct_depth_max);
}

std::variant<strategy, std::string> parse_exhaustive(std::string_view parameter) {
  constexpr std::string_view by_delays = "delays:";
  if (parameter.starts_with(by_delays)) {
    const std::string_view number = parameter.substr(by_delays.size());
    if (const auto bound = parse_parameter(number, 0, delays_max)) return strategy{exhaustive{.delays = bound}};
    return fmt::format("`{}` is no number of delays for the strategy `exhaustive`; allowed: a number from 0 to {}",
                       number, delays_max);
  }
  if (const auto bound = parse_parameter(parameter, 0, preemptions_max))
    return strategy{exhaustive{.preemptions = bound}};
  return fmt::format("`{}` is no number of preemptions for the strategy `exhaustive`; allowed: a number from 0 to {}",
                     parameter, preemptions_max);
}

std::variant<strategy, std::string> parse_delays(std::string_view parameter) {
  if (const auto bound = parse_parameter(parameter, 0, delays_max)) return strategy{delays{.bound = *bound}};
  return fmt::format("`{}` is no bound of the strategy `delays`; allowed: a number from 0 to {}", parameter,
                     delays_max);
}

std::unique_ptr<explorer_strategy> make_exhaustive(const exhaustive& chosen, sim::granularity level) {
  using counts = bounded_strategy::counts;
  if (chosen.delays) return std::make_unique<bounded_strategy>(counts::delays, *chosen.delays, level);
  if (chosen.preemptions) return std::make_unique<bounded_strategy>(counts::preemptions, *chosen.preemptions, level);
  return std::make_unique<exhaustive_strategy>(level);
}

// What decides the first schedule, before anything is known of the program.
std::unique_ptr<explorer_strategy> make_first(const strategy& chosen, std::uint64_t seed) {
  if (std::holds_alternative<portfolio>(chosen) && tries_fixed_schedules(seed))
    return std::make_unique<lockstep_strategy>(seed);
  return std::make_unique<random_strategy>(seed);
}

}  // namespace

std::string to_string(const strategy& chosen) {
  return std::visit(
      overloaded{[](const random&) -> std::string { return "random"; },
                 [](const pct& one) { return fmt::format("pct:{}", one.depth); },
                 [](const pos&) -> std::string { return "pos"; }, [](const surw&) -> std::string { return "surw"; },
                 [](const round_robin&) -> std::string { return "round_robin"; },
                 [](const delays& one) { return fmt::format("delays:{}", one.bound); },
                 [](const portfolio&) -> std::string { return "portfolio"; },
                 [](const feedback&) -> std::string { return "feedback"; },
                 [](const exhaustive& one) {
                   if (one.delays) return fmt::format("exhaustive:delays:{}", *one.delays);
                   return one.preemptions ? fmt::format("exhaustive:{}", *one.preemptions) : std::string("exhaustive");
                 }},
      chosen);
}

std::variant<strategy, std::string> parse_strategy(std::string_view text) {
  if (text.starts_with("pct:")) return parse_pct(text.substr(4));
  if (text.starts_with("exhaustive:")) return parse_exhaustive(text.substr(11));
  if (text.starts_with("delays:")) return parse_delays(text.substr(7));
  for (const strategy& one : {strategy{random{}}, strategy{pos{}}, strategy{surw{}}, strategy{round_robin{}},
                              strategy{portfolio{}}, strategy{feedback{}}, strategy{exhaustive{}}}) {
    const std::string name = to_string(one);
    if (text == name) return one;
    if (text.starts_with(name + ":")) return fmt::format("the strategy `{}` takes no parameter", name);
  }
  if (text == "pct") return strategy{pct{}};
  if (text == "delays") return strategy{delays{}};
  return fmt::format("there is no strategy `{}`; allowed: {}", text, allowed);
}

std::unique_ptr<explorer_strategy> make_strategy(const strategy& chosen, std::uint64_t seed, sim::granularity level) {
  if (const auto* all = std::get_if<exhaustive>(&chosen)) return make_exhaustive(*all, level);
  if (std::holds_alternative<feedback>(chosen)) return std::make_unique<feedback_strategy>(seed);
  auto profiled = std::make_unique<profiled_strategy>(make_first(chosen, seed));
  const profile& counts = profiled->counts();
  using made = std::unique_ptr<explorer_strategy>;
  made later = std::visit(
      overloaded{[&](const random&) -> made { return nullptr; }, [&](const exhaustive&) -> made { return nullptr; },
                 [&](const feedback&) -> made { return nullptr; },
                 [&](const pct& one) -> made { return std::make_unique<pct_strategy>(seed, one.depth, counts); },
                 [&](const pos&) -> made { return std::make_unique<pos_strategy>(seed); },
                 [&](const surw&) -> made { return std::make_unique<surw_strategy>(seed, counts); },
                 [&](const round_robin&) -> made { return std::make_unique<round_robin_strategy>(seed); },
                 [&](const delays& one) -> made { return std::make_unique<delays_strategy>(seed, one.bound, counts); },
                 [&](const portfolio&) -> made { return std::make_unique<portfolio_strategy>(seed, counts); }},
      chosen);
  if (later == nullptr) return std::make_unique<random_strategy>(seed);
  profiled->set_later(std::move(later));
  return profiled;
}

}  // namespace heddle::check
