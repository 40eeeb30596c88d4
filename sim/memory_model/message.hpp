// What one release tells whoever acquires it, and the pool that keeps the clocks of all messages.
//
// How it works. A message is its sender's clock at one moment. Whoever knows that moment of the sender knows all of
// it, which is one comparison and the common case. The clock itself is shared by all messages the sender makes until it
// learns something; only the sender's own time differs, and stands beside it.
//
// Invariant: a clock is not changed while anybody holds it.
#pragma once

#include "../machine/host_memory.hpp"
#include "vector_clock.hpp"

#include <cstdint>

namespace heddle::sim {

inline constexpr actor_id no_actor = 0xffff;

struct message {
  static constexpr std::uint32_t no_clock = ~std::uint32_t{0};

  std::uint32_t clock = no_clock;  // in the pool
  actor_id sender = no_actor;      // no_actor: of several senders
  std::uint32_t time = 0;          // of the sender

  bool empty() const noexcept { return clock == no_clock; }
};

class message_pool {
 public:
  message_pool() { entries_.reserve(1U << 8); }

  // Forgets all messages.
  void reset() noexcept {
    used_ = 0;
    free_.clear();
  }

  // A clock that one holder holds; its content is left from its last use.
  std::uint32_t take() {
    std::uint32_t index = used_;
    if (!free_.empty()) {
      index = free_.back();
      free_.pop_back();
    } else if (++used_; index == entries_.size()) {
      entries_.emplace_back();
    }
    entries_[index].holders = 1;
    return index;
  }

  vector_clock& operator[](std::uint32_t clock) noexcept { return entries_[clock].clock; }

  message hold(const message& one) noexcept {
    if (!one.empty()) ++entries_[one.clock].holders;
    return one;
  }

  // Gives the message up and leaves it empty.
  void drop(message& one) {
    if (!one.empty() && --entries_[one.clock].holders == 0) free_.push_back(one.clock);
    one = {};
  }

 private:
  struct entry {
    vector_clock clock;
    std::uint32_t holders = 0;
  };

  host_vector<entry> entries_;
  host_vector<std::uint32_t> free_;
  std::uint32_t used_ = 0;
};

}  // namespace heddle::sim
