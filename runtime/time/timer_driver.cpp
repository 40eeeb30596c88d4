// The heap of timers and the wait for the earliest; see timer_driver.hpp. Thread safety: as declared there.
#include "time/timer_driver.hpp"

#include "heddle/hooks.hpp"
#include "heddle/runtime/assert.hpp"

#include <utility>

namespace heddle::detail {

timer_status timer_driver::insert(timer_entry& entry, const waker& current) {
  waker waiting = current.clone();
  const std::lock_guard lock(mutex_);
  HEDDLE_ASSERT(entry.index == timer_entry::not_in_heap && entry.status == timer_status::waiting,
                "a timer is registered twice");
  if (closed_) {
    entry.status = timer_status::closed;
    return entry.status;
  }
  heap_.push_back(&entry);
  entry.waiting = std::move(waiting);
  entry.sequence = registered_++;
  place(entry, heap_.size() - 1);
  sift_up(entry.index);
  if (entry.index == 0) {
    publish_next();
    condition_.notify_one();
  }
  return entry.status;
}

timer_status timer_driver::check(timer_entry& entry, const waker& current) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (entry.status != timer_status::waiting || entry.waiting.will_wake(current)) return entry.status;
  }
  waker replaced = current.clone();
  const std::lock_guard lock(mutex_);
  // Swapped, not assigned: the lock goes before the old waker is dropped.
  if (entry.status == timer_status::waiting) std::swap(entry.waiting, replaced);
  return entry.status;
}

void timer_driver::remove(timer_entry& entry) noexcept {
  waker dropped;
  const std::lock_guard lock(mutex_);
  if (entry.index == timer_entry::not_in_heap) return;
  erase(entry);
  publish_next();
  dropped = std::move(entry.waiting);
}

void timer_driver::park() {
  std::unique_lock lock(mutex_);
  clock::time_point now = clock::now();
  while (!woken_) {
    if (heap_.empty()) {
      condition_.wait(lock);
    } else {
      if (heap_.front()->deadline <= now) break;
      const clock::time_point deadline = heap_.front()->deadline;
      condition_.wait_until(lock, deadline);
    }
    now = clock::now();
  }
  woken_ = false;
  if (!heap_.empty()) fire(lock, now);
}

void timer_driver::fire_due() {
  // Relaxed: a hint, looked at again under the lock.
  if (next_.load(std::memory_order_relaxed) == no_deadline) return;
  const clock::time_point now = clock::now();
  std::unique_lock lock(mutex_);
  fire(lock, now);
}

void timer_driver::unpark() noexcept {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  condition_.notify_one();
}

void timer_driver::close() noexcept {
  std::unique_lock lock(mutex_);
  closed_ = true;
  fire(lock, clock::time_point::max());
}

void timer_driver::fire(std::unique_lock<std::mutex>& lock, clock::time_point now) {
  batch due;
  for (;;) {
    const std::size_t count = take_due(now, due);
    lock.unlock();
    for (std::size_t i = 0; i < count; ++i) std::move(due[i]).wake();
    if (count < batch_max) return;
    lock.lock();
  }
}

// Takes up to batch_max entries that are due out of the heap, and moves their wakers to `due`.
std::size_t timer_driver::take_due(clock::time_point now, batch& due) {
  std::size_t taken = 0;
  while (taken < batch_max && !heap_.empty() && heap_.front()->deadline <= now) {
    taken = take_tied(due, taken);
  }
  publish_next();
  return taken;
}

// Takes entries of the earliest deadline, in an order that is the observer's to choose.
std::size_t timer_driver::take_tied(batch& due, std::size_t taken) {
  std::array<timer_entry*, batch_max> tied{};
  const clock::time_point deadline = heap_.front()->deadline;
  std::uint32_t count = 0;
  while (taken + count < batch_max && !heap_.empty() && heap_.front()->deadline == deadline) {
    timer_entry& entry = *heap_.front();
    erase(entry);
    entry.status = closed_ ? timer_status::closed : timer_status::fired;
    tied[count++] = &entry;
  }
  while (count > 0) {
    const std::uint32_t chosen = count == 1 ? 0 : hooks::choose(hooks::choice::timer_tie, count, 0);
    due[taken++] = std::move(tied[chosen]->waiting);
    for (std::uint32_t i = chosen + 1; i < count; ++i) tied[i - 1] = tied[i];
    --count;
  }
  return taken;
}

bool timer_driver::is_before(const timer_entry& a, const timer_entry& b) noexcept {
  if (a.deadline != b.deadline) return a.deadline < b.deadline;
  return a.sequence < b.sequence;
}

void timer_driver::place(timer_entry& entry, std::size_t index) noexcept {
  heap_[index] = &entry;
  entry.index = index;
}

void timer_driver::sift_up(std::size_t index) noexcept {
  timer_entry& entry = *heap_[index];
  while (index > 0) {
    const std::size_t parent = (index - 1) / 2;
    if (!is_before(entry, *heap_[parent])) break;
    place(*heap_[parent], index);
    index = parent;
  }
  place(entry, index);
}

void timer_driver::sift_down(std::size_t index) noexcept {
  timer_entry& entry = *heap_[index];
  for (;;) {
    std::size_t child = 2 * index + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && is_before(*heap_[child + 1], *heap_[child])) ++child;
    if (!is_before(*heap_[child], entry)) break;
    place(*heap_[child], index);
    index = child;
  }
  place(entry, index);
}

void timer_driver::erase(timer_entry& entry) noexcept {
  const std::size_t index = entry.index;
  timer_entry& last = *heap_.back();
  heap_.pop_back();
  entry.index = timer_entry::not_in_heap;
  if (&last == &entry) return;
  place(last, index);
  sift_up(index);
  sift_down(last.index);
}

void timer_driver::publish_next() noexcept {
  const clock::rep next = heap_.empty() ? no_deadline : heap_.front()->deadline.time_since_epoch().count();
  // Relaxed: see fire_due.
  next_.store(next, std::memory_order_relaxed);
}

}  // namespace heddle::detail
