#include "strategies/strategy.hpp"

#include "strategies/random.hpp"

#include <fmt/format.h>

namespace heddle::check {

std::string to_string(const strategy& chosen) {
  return std::visit([](const random&) -> std::string { return "random"; }, chosen);
}

std::variant<strategy, std::string> parse_strategy(std::string_view text) {
  if (text == "random") return strategy{random{}};
  if (text.starts_with("random:")) return "the strategy `random` takes no parameter";
  return fmt::format("there is no strategy `{}`; allowed: random", text);
}

std::unique_ptr<explorer_strategy> make_strategy(const strategy& chosen, std::uint64_t seed) {
  return std::visit([seed](const random&) { return std::make_unique<random_strategy>(seed); }, chosen);
}

}  // namespace heddle::check
