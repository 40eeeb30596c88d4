#include "lost_blocks.hpp"

#include <algorithm>

namespace heddle::sim {

lost_blocks::lost_blocks(host_vector<live_block>& blocks) : blocks_(blocks) {
  const pointer_search pointers(blocks_);
  for (std::uint32_t from = 0; from < blocks_.size(); ++from) {
    pointers.each_target({.begin = blocks_[from].begin, .end = blocks_[from].end}, [&](const live_block& target) {
      const auto to = static_cast<std::uint32_t>(&target - blocks_.data());
      if (to == from) return;
      forward_.push_back({.from = from, .to = to});
      backward_.push_back({.from = to, .to = from});
    });
  }
  std::sort(backward_.begin(), backward_.end(), [](const edge& one, const edge& other) {
    return one.from != other.from ? one.from < other.from : one.to < other.to;
  });
}

std::size_t lost_blocks::number_around(std::uintptr_t address) const noexcept {
  const live_block* const found = pointer_search(blocks_).block_around(address);
  return found == nullptr ? size() : static_cast<std::size_t>(found - blocks_.data());
}

void lost_blocks::flood(const host_vector<edge>& edges, std::size_t start, set& reached) {
  host_vector<std::uint32_t> pending{static_cast<std::uint32_t>(start)};
  while (!pending.empty()) {
    const std::uint32_t from = pending.back();
    pending.pop_back();
    const auto first = std::lower_bound(edges.begin(), edges.end(), from,
                                        [](const edge& one, std::uint32_t number) { return one.from < number; });
    for (auto one = first; one != edges.end() && one->from == from; ++one) {
      if (reached[one->to] != 0) continue;
      reached[one->to] = 1;
      pending.push_back(one->to);
    }
  }
}

void lost_blocks::add_targets(set& of) const {
  const set starts = of;
  for (std::size_t number = 0; number < size(); ++number) {
    if (starts[number] != 0) flood(forward_, number, of);
  }
}

void lost_blocks::add_sources(set& of) const {
  const set starts = of;
  for (std::size_t number = 0; number < size(); ++number) {
    if (starts[number] != 0) flood(backward_, number, of);
  }
}

lost_blocks::set lost_blocks::roots(const set& without) const {
  set led_to = without;
  for (const edge& one : forward_) {
    if (without[one.from] == 0) led_to[one.to] = 1;
  }
  set found(size(), 0);
  set reached = without;
  const auto add = [&](std::size_t number) {
    found[number] = reached[number] = 1;
    flood(forward_, number, reached);
  };
  for (std::size_t number = 0; number < size(); ++number) {
    if (led_to[number] == 0) add(number);
  }
  for (std::size_t number = 0; number < size(); ++number) {
    if (reached[number] == 0) add(number);
  }
  return found;
}

}  // namespace heddle::sim
