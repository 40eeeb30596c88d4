// The runnable threads: a compact list for the decision source, with removal in constant time. Its
// order is a function of earlier decisions.
#pragma once

#include "virtual_thread.hpp"

#include <span>

namespace heddle::sim {

class run_queue {
 public:
  void clear() noexcept { ids_.clear(), threads_.clear(); }
  std::size_t size() const noexcept { return ids_.size(); }
  bool empty() const noexcept { return ids_.empty(); }
  std::span<const thread_id> ids() const noexcept { return ids_; }
  virtual_thread& only() const noexcept { return *threads_.front(); }

  void add(virtual_thread& thread) {
    thread.run_index = static_cast<std::uint32_t>(ids_.size());
    ids_.push_back(thread.id);
    threads_.push_back(&thread);
  }

  void remove(virtual_thread& thread) noexcept {
    virtual_thread* const moved = threads_.back();
    moved->run_index = thread.run_index;
    ids_[thread.run_index] = moved->id;
    threads_[thread.run_index] = moved;
    ids_.pop_back();
    threads_.pop_back();
  }

 private:
  host_vector<thread_id> ids_;
  host_vector<virtual_thread*> threads_;
};

}  // namespace heddle::sim
