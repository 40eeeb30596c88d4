// The test's own nondeterminism: a decision like any other, so it is explored, recorded and replayed.
//
//     std::size_t capacity = heddle::check::value(1u, 2u, 16u);
//     if (heddle::check::choose(2) == 0) { queue.close(); }
//
// REQUIRES: called inside an execution; elsewhere the process is aborted with a message.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace heddle::check {

// A number below `candidates`. REQUIRES: candidates >= 1.
std::uint32_t choose(std::uint32_t candidates);

// One of the values, as their common type.
template <typename First, typename... Rest>
std::common_type_t<First, Rest...> value(First first, Rest... rest) {
  using result = std::common_type_t<First, Rest...>;
  std::array<result, 1 + sizeof...(Rest)> candidates{static_cast<result>(std::move(first)),
                                                     static_cast<result>(std::move(rest))...};
  return std::move(candidates[choose(static_cast<std::uint32_t>(candidates.size()))]);
}

}  // namespace heddle::check
