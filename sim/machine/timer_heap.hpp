// Deadlines of waiting threads: a binary heap over (deadline, order of arrival) with removal by handle.
#pragma once

#include "virtual_thread.hpp"

namespace heddle::sim {

class timer_heap {
 public:
  void clear() noexcept { heap_.clear(), arrivals_ = 0; }
  bool empty() const noexcept { return heap_.empty(); }
  std::uint64_t next_deadline() const noexcept { return heap_.front()->deadline; }
  virtual_thread& front() const noexcept { return *heap_.front(); }

  // REQUIRES: `thread.deadline` is set and it is not in the heap.
  void add(virtual_thread& thread);
  // Does nothing when the thread is not in the heap.
  void remove(virtual_thread& thread) noexcept;

 private:
  static bool earlier(const virtual_thread& a, const virtual_thread& b) noexcept {
    return a.deadline != b.deadline ? a.deadline < b.deadline : a.deadline_order < b.deadline_order;
  }
  void place(std::uint32_t at, virtual_thread& thread) noexcept {
    heap_[at] = &thread;
    thread.heap_index = at;
  }
  void sift_up(std::uint32_t at) noexcept;
  void sift_down(std::uint32_t at) noexcept;

  host_vector<virtual_thread*> heap_;
  std::uint64_t arrivals_ = 0;
};

}  // namespace heddle::sim
