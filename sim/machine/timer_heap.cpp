#include "timer_heap.hpp"

namespace heddle::sim {

void timer_heap::add(virtual_thread& thread) {
  thread.deadline_order = ++arrivals_;
  heap_.push_back(&thread);
  place(static_cast<std::uint32_t>(heap_.size() - 1), thread);
  sift_up(thread.heap_index);
}

void timer_heap::remove(virtual_thread& thread) noexcept {
  if (thread.heap_index == not_in_heap) return;
  const std::uint32_t at = thread.heap_index;
  thread.heap_index = not_in_heap;
  virtual_thread* const moved = heap_.back();
  heap_.pop_back();
  if (moved == &thread) return;
  place(at, *moved);
  sift_up(at);
  sift_down(moved->heap_index);
}

void timer_heap::sift_up(std::uint32_t at) noexcept {
  virtual_thread& thread = *heap_[at];
  while (at > 0) {
    const std::uint32_t parent = (at - 1) / 2;
    if (!earlier(thread, *heap_[parent])) break;
    place(at, *heap_[parent]);
    at = parent;
  }
  place(at, thread);
}

void timer_heap::sift_down(std::uint32_t at) noexcept {
  virtual_thread& thread = *heap_[at];
  const auto size = static_cast<std::uint32_t>(heap_.size());
  for (std::uint32_t child = 2 * at + 1; child < size; child = 2 * at + 1) {
    if (child + 1 < size && earlier(*heap_[child + 1], *heap_[child])) ++child;
    if (!earlier(*heap_[child], thread)) break;
    place(at, *heap_[child]);
    at = child;
  }
  place(at, thread);
}

}  // namespace heddle::sim
