// The set of live tasks; see owned_tasks.hpp. Thread safety: any thread.
#include "owned_tasks.hpp"

#include <algorithm>
#include <bit>
#include <mutex>

namespace heddle::detail {

namespace {

constexpr std::size_t shards_max = 64;

std::size_t shards_for(std::size_t threads) noexcept {
  return std::min(shards_max, std::bit_ceil(threads));
}

}  // namespace

owned_tasks::owned_tasks(std::size_t threads) : shards_(shards_for(threads)) {}

bool owned_tasks::insert(task_header& task, std::size_t preferred) noexcept {
  const std::size_t index = preferred & (shards_.size() - 1);
  task.owned_in = static_cast<std::uint8_t>(index);
  shard& own = shards_[index];
  const std::lock_guard guard(own.lock);
  // Relaxed: the lock orders it, see invariant 1.
  if (closed_.load(std::memory_order_relaxed)) return false;
  task.owned.previous = nullptr;
  task.owned.next = own.first;
  task.is_owned = true;
  if (own.first != nullptr) own.first->owned.previous = &task;
  own.first = &task;
  own.size.add(1);
  return true;
}

bool owned_tasks::remove(task_header& task) noexcept {
  shard& own = shards_[task.owned_in];
  const std::lock_guard guard(own.lock);
  if (!task.is_owned) return false;
  own.unlink(task);
  return true;
}

void owned_tasks::close_and_shut_down() noexcept {
  // Relaxed: see invariant 1.
  closed_.store(true, std::memory_order_relaxed);
  for (shard& each : shards_) {
    while (task_header* const task = each.pop()) task->shutdown();
  }
}

void owned_tasks::collect(std::vector<task_header*>& into) {
  for (shard& each : shards_) {
    const std::lock_guard guard(each.lock);
    for (task_header* task = each.first; task != nullptr; task = task->owned.next) {
      task->add_reference();
      into.push_back(task);
    }
  }
}

std::size_t owned_tasks::size() const noexcept {
  std::size_t all = 0;
  for (const shard& each : shards_) all += static_cast<std::size_t>(each.size.read());
  return all;
}

task_header* owned_tasks::shard::pop() noexcept {
  const std::lock_guard guard(lock);
  task_header* const task = first;
  if (task != nullptr) unlink(*task);
  return task;
}

void owned_tasks::shard::unlink(task_header& task) noexcept {
  task_links& links = task.owned;
  (links.previous == nullptr ? first : links.previous->owned.next) = links.next;
  if (links.next != nullptr) links.next->owned.previous = links.previous;
  links = task_links();
  task.is_owned = false;
  size.set(size.read() - 1);
}

}  // namespace heddle::detail
