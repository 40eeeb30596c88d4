// Whether a block is a thread's own: reached by pointers from its thread-local variables.
//
// How it works. As leak checkers do it: each word that may be a pointer into a live block leads there. Asked only about
// a race that would be found otherwise, so it may take its time; it looks at bytes_max bytes at the most, and says no
// beyond.
#pragma once

#include "../machine/tls_image.hpp"
#include "../memory/arena.hpp"

#include <cstdint>

namespace heddle::sim {

class thread_local_reach {
 public:
  static constexpr std::size_t bytes_max = std::size_t{4} << 20;

  explicit thread_local_reach(const arena& memory) : blocks_(memory.blocks()), reached_(blocks_.size()) {}

  // From `variables`, those of the thread that runs now.
  bool contains(const tls_layout& layout, std::byte* variables, std::uintptr_t address);

 private:
  static constexpr std::size_t none = ~std::size_t{0};

  std::size_t block_of(std::uintptr_t address) const noexcept;
  void follow(const void* begin, std::size_t size);

  host_vector<live_block> blocks_;
  host_vector<std::uint8_t> reached_;
  host_vector<std::size_t> waiting_;  // reached and not followed yet
  std::size_t looked_at_ = 0;
};

}  // namespace heddle::sim
