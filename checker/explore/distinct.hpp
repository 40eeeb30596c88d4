// How many different schedules were seen, by the hash of their events.
//
// How it works. A set of 64-bit hashes with open addressing, linear probing and a load of at most one half. An
// insertion is put off by one: add() only starts to fetch the slot of its hash, and the next call inserts it, so that
// the hot loop does not wait for memory.
//
// Limit: distinct_max hashes (16 MiB); beyond it, counting stops, and the count is a lower bound.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace heddle::check {

inline constexpr std::size_t distinct_max = std::size_t{1} << 20;

class distinct_schedules {
 public:
  // `expected` schedules, if that is known, find their room made; 0: it is not.
  explicit distinct_schedules(std::uint64_t expected = 0, std::size_t limit = distinct_max);

  void add(std::uint64_t hash) {
    insert_pending();
    pending_ = hash == 0 ? 1 : hash;
    __builtin_prefetch(&slots_[slot_of(pending_)]);
  }

  std::uint64_t count() {
    insert_pending();
    return count_;
  }

  // Whether there may have been more than count().
  bool at_least() const noexcept { return full_; }

 private:
  static constexpr std::size_t slots_min = 1024;

  std::size_t slot_of(std::uint64_t hash) const noexcept { return hash & (slots_.size() - 1); }
  void insert_pending();
  bool insert(std::uint64_t hash) noexcept;
  void grow();

  const std::size_t limit_;
  std::vector<std::uint64_t> slots_;  // 0: free; their number is a power of two
  std::size_t count_ = 0;
  std::uint64_t pending_ = 0;  // 0: none
  bool full_ = false;
};

}  // namespace heddle::check
