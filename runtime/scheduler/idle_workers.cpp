// Counting awake and searching workers; see idle_workers.hpp. Thread safety: any thread.
#include "idle_workers.hpp"

#include "heddle/hooks.hpp"
#include "heddle/runtime/assert.hpp"

#include <algorithm>

namespace heddle::detail {

idle_workers::idle_workers(std::size_t count) : count_(count), word_(one_unparked * count), is_listed_(count) {
  parked_.reserve(count);
}

bool idle_workers::should_wake() noexcept {
  // Sequentially consistent: see the file head.
  const std::uint64_t now = word_.load(std::memory_order_seq_cst);
  return searching(now) == 0 && unparked(now) < count_;
}

std::optional<std::size_t> idle_workers::take_parked() noexcept {
  if (!should_wake()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  if (!should_wake()) return std::nullopt;
  HEDDLE_ASSERT(!parked_.empty(), "a parked worker is counted but not listed");
  word_.fetch_add(one_unparked + one_searching, std::memory_order_seq_cst);
  const auto candidates = static_cast<std::uint32_t>(parked_.size());
  const std::uint32_t chosen = hooks::choose(hooks::choice::idle_worker, candidates, candidates - 1);
  const std::size_t worker = parked_[chosen];
  parked_.erase(parked_.begin() + chosen);
  is_listed_[worker].store(false, std::memory_order_release);
  return worker;
}

bool idle_workers::transition_to_parked(std::size_t worker, bool is_searching) noexcept {
  const std::lock_guard lock(mutex_);
  const std::uint64_t delta = one_unparked + (is_searching ? one_searching : 0);
  const std::uint64_t before = word_.fetch_sub(delta, std::memory_order_seq_cst);
  parked_.push_back(worker);
  // Relaxed: others look under the lock, the worker itself wrote it.
  is_listed_[worker].store(true, std::memory_order_relaxed);
  return searching(before - delta) == 0;
}

bool idle_workers::transition_to_searching() noexcept {
  // A guess is good enough for the limit, which keeps contention low and is not exact.
  const std::uint64_t now = word_.load(std::memory_order_seq_cst);
  if (2 * searching(now) >= count_) return false;
  word_.fetch_add(one_searching, std::memory_order_seq_cst);
  return true;
}

bool idle_workers::transition_from_searching() noexcept {
  const std::uint64_t before = word_.fetch_sub(one_searching, std::memory_order_seq_cst);
  HEDDLE_ASSERT(searching(before) > 0, "a worker ends a search it never began");
  return searching(before) == 1;
}

bool idle_workers::transition_from_parked(std::size_t worker) noexcept {
  const std::lock_guard lock(mutex_);
  if (!is_parked(worker)) return false;
  parked_.erase(std::find(parked_.begin(), parked_.end(), worker));
  is_listed_[worker].store(false, std::memory_order_relaxed);
  word_.fetch_add(one_unparked, std::memory_order_seq_cst);
  return true;
}

}  // namespace heddle::detail
