// The chance that the schedules so far had of showing a bug, by its depth: how many pairs of operations have to come in
// one order, and no more, for it to show.
//
// How it works. A schedule by `pct` of depth d shows a bug of that depth or less with a probability of at least
// 1 / (n k^(d-1)), n threads and k points among which its changes were drawn. No other strategy has such a bound, so
// that what they add is left out. The logarithms of the chances to miss are added up.
//
// Source: Burckhardt et al., ASPLOS 2010, theorem 9.
//
// Limits. A bound for the order of threads' operations: not for choices, such as which store a load reads. Of programs
// that spin, where `pct` departs from the paper, it is an estimate.
#pragma once

#include "strategies/strategy.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace heddle::check {

class detection_odds {
 public:
  static constexpr std::size_t depths = 3;

  // A schedule ran, with so many threads and scheduling points.
  void add(const priority_changes& drawn, std::uint32_t threads, std::uint64_t points) {
    // Beyond the points among which changes were drawn there are none.
    const std::uint32_t depth = points > drawn.among ? std::min(drawn.depth, 1U) : drawn.depth;
    if (depth == 0 || threads == 0) return;
    const double found =
        std::pow(static_cast<double>(drawn.among), 1.0 - static_cast<double>(depth)) / static_cast<double>(threads);
    const double missed = std::log1p(-std::min(found, nearly_one));
    for (std::size_t one = 0; one < std::min<std::size_t>(depth, depths); ++one) missed_.at(one) += missed;
    known_ = true;
  }

  // Of depths 1, 2 and 3, at least. Nothing if no schedule had a bound.
  std::optional<std::array<double, depths>> found() const {
    if (!known_) return std::nullopt;
    std::array<double, depths> result{};
    // The chance of none is 0, and not -0.
    const auto chance = [](double missed) { return std::max(0.0, std::min(-std::expm1(missed), nearly_one)); };
    std::transform(missed_.begin(), missed_.end(), result.begin(), chance);
    return result;
  }

 private:
  // One thread has one order, but log(0) is no number; and no chance is a certainty.
  static constexpr double nearly_one = 1 - 1e-9;

  std::array<double, depths> missed_{};  // logarithms
  bool known_ = false;
};

}  // namespace heddle::check
