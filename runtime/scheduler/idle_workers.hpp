// Which workers are awake, searching for work or parked, so that enough of them run and no more.
//
// How it works. One atomic word counts the workers that are unparked and, of those, the ones that search;
// a list under a lock names the parked ones. Whoever makes a task runnable wakes a worker only when none
// is searching: a searching one will find it. A flag for each worker says whether it is in the list, so that one that
// wakes need not take the lock to learn that somebody took it. The last searcher to find work wakes the next, and who
// goes to sleep while nobody searches looks at all queues once more. That need not be a searcher: one that was not let
// search, because enough others did, may fall asleep after they found work, and looked in vain for somebody asleep.
//
// Thread safety. Any thread.
//
// Orders. All accesses of the word are sequentially consistent, and so are the store by which a pusher lets its push be
// seen and the load by which a queue is found empty. A pusher pushes, then reads the word; the last searcher changes
// the word, then reads the queues. Of the four, in their one order, either the pusher's read comes after the change,
// and sees that nobody searches, or the searcher's read comes after the push. With a weaker one of them both can miss
// the other and the task sleeps with everybody (Tokio #1768).
//
// Algorithm: Tokio, runtime/scheduler/multi_thread/idle.rs. Deviations: there a pusher reads the word by a
// read-modify-write, for which all workers contend that push; and only the last searcher looks once more.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace heddle::detail {

class idle_workers {
 public:
  // All workers start awake, and not searching.
  explicit idle_workers(std::size_t count);

  // A worker to unpark for new work; it is counted as awake and searching. None: enough are awake.
  [[nodiscard]] std::optional<std::size_t> take_parked() noexcept;

  // The worker goes to sleep. True: nobody searches any more, and it must look at the queues once more.
  [[nodiscard]] bool transition_to_parked(std::size_t worker, bool is_searching) noexcept;

  // False: half of the workers search already.
  [[nodiscard]] bool transition_to_searching() noexcept;

  // The worker found work. True: it was the last to search, and must wake another.
  [[nodiscard]] bool transition_from_searching() noexcept;

  // The worker woke by itself. True: it was parked, and is now counted as awake, not searching. False: somebody
  // took it, and counts it as searching.
  [[nodiscard]] bool transition_from_parked(std::size_t worker) noexcept;

  // Acquire: pairs with take_parked, so that a worker that was taken sees the push it was taken for.
  [[nodiscard]] bool is_parked(std::size_t worker) const noexcept {
    return is_listed_[worker].load(std::memory_order_acquire);
  }

 private:
  static constexpr std::uint64_t one_searching = 1;
  static constexpr std::uint64_t one_unparked = std::uint64_t{1} << 32;
  static std::uint64_t searching(std::uint64_t word) noexcept { return word & (one_unparked - 1); }
  static std::uint64_t unparked(std::uint64_t word) noexcept { return word >> 32; }

  [[nodiscard]] bool should_wake() noexcept;

  const std::size_t count_;
  std::atomic<std::uint64_t> word_;  // {unparked, searching}; `unparked` changes under mutex_
  std::mutex mutex_;
  std::vector<std::size_t> parked_;           // under mutex_; capacity for all
  std::vector<std::atomic<bool>> is_listed_;  // whether parked_ has the worker; written under mutex_
};

}  // namespace heddle::detail
