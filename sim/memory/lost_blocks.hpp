// Blocks that nothing leads to, and which of them lead to which: to tell a loss from what was lost with it.
//
// Thread safety: one thread at a time.
#pragma once

#include "../machine/host_memory.hpp"
#include "pointer_search.hpp"

#include <cstddef>
#include <cstdint>

namespace heddle::sim {

class lost_blocks {
 public:
  // Block by number: whether it is in a set.
  using set = host_vector<std::uint8_t>;

  // `blocks` are sorted by address and not empty, and outlive this.
  explicit lost_blocks(host_vector<live_block>& blocks);

  std::size_t size() const noexcept { return blocks_.size(); }
  const live_block& operator[](std::size_t number) const noexcept { return blocks_[number]; }
  // The number of the block that the address is in, or size().
  std::size_t number_around(std::uintptr_t address) const noexcept;

  // Adds to the set what its members lead to, or what leads to them.
  void add_targets(set& of) const;
  void add_sources(set& of) const;

  // Of the blocks that are not in `without`, those which none of the others leads to; of a cycle that nothing leads
  // into, the first.
  set roots(const set& without) const;

 private:
  struct edge {
    std::uint32_t from;
    std::uint32_t to;
  };

  // Adds what the start leads to, but not by way of what is in the set. `edges` are sorted by `from`.
  static void flood(const host_vector<edge>& edges, std::size_t start, set& reached);

  host_vector<live_block>& blocks_;
  host_vector<edge> forward_;
  host_vector<edge> backward_;  // `from` is what it leads to
};

}  // namespace heddle::sim
