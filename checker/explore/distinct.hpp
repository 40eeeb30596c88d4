// How many different schedules were seen, by a hash of each, and how many there may be yet.
//
// How it works. A set of 64-bit hashes with open addressing, linear probing and a load of at most one half. An
// insertion is put off by one: add() only starts to fetch the slot of its hash, and the next call inserts it, so that
// the hot loop does not wait for memory.
//
// What is unseen is estimated by the share of the schedules that were seen once: of n schedules, n1 of them unlike all
// others, the next one is new with a probability of about n1 / n (Good, "The Population Frequencies of Species and the
// Estimation of Population Parameters", Biometrika 1953). For that the lowest bit of a slot says whether its hash was
// seen again; of the hash itself it is missing.
//
// The estimate holds for schedules that are drawn alike, each independently of the others: for `random` nearly, for a
// portfolio about.
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
    pending_ = hash < 2 ? 2 : hash & ~seen_again;
    __builtin_prefetch(&slots_[slot_of(pending_)]);
  }

  std::uint64_t count() {
    insert_pending();
    return count_;
  }

  // The estimated probability that the next schedule is unlike all before; 1 before the first. Of those counted.
  double unseen() {
    insert_pending();
    return added_ == 0 ? 1.0 : static_cast<double>(once_) / static_cast<double>(added_);
  }
  // Number of the last schedule that was unlike all before it, from 0.
  std::uint64_t last_new() {
    insert_pending();
    return last_new_;
  }

  // Whether there may have been more than count().
  bool at_least() const noexcept { return full_; }

 private:
  static constexpr std::size_t slots_min = 1024;
  static constexpr std::uint64_t seen_again = 1;

  std::size_t slot_of(std::uint64_t hash) const noexcept { return (hash >> 1) & (slots_.size() - 1); }
  void insert_pending();
  // The slot of the hash: 0 if it was not there before.
  std::uint64_t& find(std::uint64_t hash) noexcept;
  void grow();

  const std::size_t limit_;
  std::vector<std::uint64_t> slots_;  // 0: free; their number is a power of two
  std::size_t count_ = 0;
  std::uint64_t added_ = 0;
  std::uint64_t once_ = 0;  // hashes that were added once
  std::uint64_t last_new_ = 0;
  std::uint64_t pending_ = 0;  // 0: none
  bool full_ = false;
};

}  // namespace heddle::check
