// Pushing, popping and stealing; see local_queue.hpp. Thread safety: as declared there.
#include "local_queue.hpp"

#include "heddle/runtime/assert.hpp"

namespace heddle::detail {

template <std::uint32_t Capacity>
std::uint32_t bounded_task_queue<Capacity>::size() const noexcept {
  // Acquire: pairs with whoever took tasks. It is read first, so that the tail is not older than it and the difference
  // does not wrap. Sequentially consistent: pairs with publish.
  const head_cursors head = unpack(head_.load(std::memory_order_acquire));
  return tail_.load(std::memory_order_seq_cst) - head.real;
}

template <std::uint32_t Capacity>
bool bounded_task_queue<Capacity>::try_push_back(task_header& task) noexcept {
  // Relaxed: only this thread writes the tail.
  const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
  // Acquire: pairs with the release of a thief that gives slots back, before they are overwritten.
  if (tail - unpack(head_.load(std::memory_order_acquire)).steal >= capacity) return false;
  slot(tail).store(&task, std::memory_order_relaxed);
  // Release: publishes the slot to the acquire of a thief's load of the tail.
  tail_.store(tail + 1, std::memory_order_release);
  return true;
}

template <std::uint32_t Capacity>
std::uint32_t bounded_task_queue<Capacity>::room() const noexcept {
  // Relaxed and acquire: as in try_push_back.
  const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
  return capacity - (tail - unpack(head_.load(std::memory_order_acquire)).steal);
}

template <std::uint32_t Capacity>
void bounded_task_queue<Capacity>::push_back(task_header& task, task_list& overflow) noexcept {
  while (!try_push_back(task)) {
    // Relaxed and acquire: as in try_push_back.
    const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
    const head_cursors head = unpack(head_.load(std::memory_order_acquire));
    if (tail - head.steal < capacity) continue;
    if (head.steal != head.real) {
      // A thief is at work and will free room soon, but nobody waits for it.
      overflow.push(task);
      return;
    }
    if (move_half(task, head, tail, overflow)) return;
  }
}

// Takes the older half of a full queue that nobody steals from. False: a thief came first.
template <std::uint32_t Capacity>
bool bounded_task_queue<Capacity>::move_half(task_header& task, head_cursors head, std::uint32_t tail,
                                             task_list& overflow) noexcept {
  constexpr std::uint32_t count = capacity / 2;
  HEDDLE_ASSERT(tail - head.real == capacity, "only a full queue overflows");
  std::uint64_t expected = pack(head);
  const std::uint32_t next = head.real + count;
  // Release: the slots may be reused by this thread only, but a thief that reads the new head must not see older
  // slots through it. The failure order may be relaxed: the head is loaded again.
  if (!head_.compare_exchange_strong(expected, pack({next, next}), std::memory_order_release,
                                     std::memory_order_relaxed)) {
    return false;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    overflow.push(*slot(head.real + i).load(std::memory_order_relaxed));
  }
  overflow.push(task);
  return true;
}

template <std::uint32_t Capacity>
task_header* bounded_task_queue<Capacity>::pop() noexcept {
  // Acquire: pairs with release_claim, so that the slots a thief gave back are not read again.
  std::uint64_t word = head_.load(std::memory_order_acquire);
  for (;;) {
    const head_cursors head = unpack(word);
    // Relaxed: only this thread writes the tail.
    if (head.real == tail_.load(std::memory_order_relaxed)) return nullptr;
    const std::uint32_t next_real = head.real + 1;
    // While a thief is at work its cursor stays where it is.
    const std::uint32_t next_steal = head.steal == head.real ? next_real : head.steal;
    if (head_.compare_exchange_weak(word, pack({next_steal, next_real}), std::memory_order_acq_rel,
                                    std::memory_order_acquire)) {
      return slot(head.real).load(std::memory_order_relaxed);
    }
  }
}

template <std::uint32_t Capacity>
task_header* bounded_task_queue<Capacity>::steal_into(bounded_task_queue& thief) noexcept {
  // Relaxed: the thief owns its tail.
  const std::uint32_t thief_tail = thief.tail_.load(std::memory_order_relaxed);
  // Acquire: pairs with whoever took from the thief's queue, before its slots are overwritten.
  const head_cursors thief_head = unpack(thief.head_.load(std::memory_order_acquire));
  // At most half of a queue is stolen, and it must fit.
  if (thief_tail - thief_head.steal > capacity / 2) return nullptr;
  std::uint32_t count = claim_and_copy(thief, thief_tail);
  if (count == 0) return nullptr;
  --count;
  task_header* const first = thief.slot(thief_tail + count).load(std::memory_order_relaxed);
  // Release: publishes the copied slots to those who steal from the thief.
  if (count != 0) thief.tail_.store(thief_tail + count, std::memory_order_release);
  return first;
}

// Copies half of the tasks, rounded up, behind `thief_tail`, without publishing them. Returns how many.
template <std::uint32_t Capacity>
std::uint32_t bounded_task_queue<Capacity>::claim_and_copy(bounded_task_queue& thief,
                                                           std::uint32_t thief_tail) noexcept {
  std::uint64_t word = head_.load(std::memory_order_acquire);
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  for (;;) {
    const head_cursors head = unpack(word);
    // Acquire: pairs with the owner's push, so that the slots are seen.
    const std::uint32_t available = tail_.load(std::memory_order_acquire) - head.real;
    if (head.steal != head.real) return 0;
    count = available - available / 2;
    if (count == 0) return 0;
    first = head.real;
    // Moves `real` and leaves `steal`: the claim. acq_rel: no copy is made before it.
    if (head_.compare_exchange_weak(word, pack({head.steal, head.real + count}), std::memory_order_acq_rel,
                                    std::memory_order_acquire)) {
      break;
    }
  }
  HEDDLE_ASSERT(count <= capacity / 2, "a thief takes more than half of a queue");
  for (std::uint32_t i = 0; i < count; ++i) {
    task_header* const task = slot(first + i).load(std::memory_order_relaxed);
    thief.slot(thief_tail + i).store(task, std::memory_order_relaxed);
  }
  release_claim();
  return count;
}

// Brings `steal` up to `real`, wherever the owner has moved that meanwhile.
template <std::uint32_t Capacity>
void bounded_task_queue<Capacity>::release_claim() noexcept {
  std::uint64_t word = head_.load(std::memory_order_acquire);
  for (;;) {
    const head_cursors head = unpack(word);
    HEDDLE_ASSERT(head.steal != head.real, "a claim is released twice");
    // Release: the copies were made before the owner overwrites the slots.
    if (head_.compare_exchange_weak(word, pack({head.real, head.real}), std::memory_order_acq_rel,
                                    std::memory_order_acquire)) {
      return;
    }
  }
}

template class bounded_task_queue<4>;
template class bounded_task_queue<256>;

}  // namespace heddle::detail
