// The stores to one atomic word that may still be read, in modification order.
//
// How it works. A record carries what a reader of it learns, and who has seen it so far: its writer and its readers,
// each with the moment of their own at which they did. Somebody who knows of one of these moments may read nothing
// older. The word in memory always holds the newest value, so code that looks at it without an atomic operation sees
// that.
//
// Limits: stores_max. The oldest record leaves when a further one comes, and can then no longer be read.
#pragma once

#include "message.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace heddle::sim {

// That a thread read a record, as one entry of a list.
struct sight {
  actor_id actor = 0;
  std::uint32_t time = 0;     // the thread's own, when it first did
  std::uint32_t repeats = 0;  // how often it did while there was something newer
  std::uint32_t next = 0;     // 1 + the place of the next in the pool, or 0
};

struct store_record {
  std::uint64_t value = 0;
  std::uint64_t serial = 0;  // 1, 2, … in the order of execution; 0: what was there before all stores
  message published;         // what an acquiring reader learns
  actor_id writer = no_actor;
  std::uint32_t time = 0;           // the writer's own
  std::uint32_t first_seq_cst = 0;  // position of the first seq_cst operation that wrote or read it; 0: none
  std::uint32_t sights = 0;         // 1 + the place of the first in the pool, or 0
  bool taken = false;               // by a read-modify-write, which stands right behind it
  bool is_initial() const noexcept { return serial == 0; }
};

struct store_history {
  static constexpr std::size_t stores_max = 16;

  std::uintptr_t address = 0;
  std::uint32_t size = 0;                        // of the word, in bytes
  std::uint32_t count = 0;                       // of records; 0: to be begun anew from what is in memory
  std::array<store_record, stores_max> records;  // oldest first

  store_record& newest() noexcept { return records[count - 1]; }
};

}  // namespace heddle::sim
