// Counts how often an object that lives in a frame is destroyed. Thread safety: the counter is atomic.
#pragma once

#include "heddle/runtime/send.hpp"

#include <atomic>
#include <utility>

namespace heddle::test {

class drop_counter {
 public:
  using declare_send = declared_true<drop_counter, "the counter is atomic, and outlives the runtime of the test">;
  explicit drop_counter(std::atomic<int>& drops) noexcept : drops_(&drops) {}
  drop_counter(drop_counter&& other) noexcept : drops_(std::exchange(other.drops_, nullptr)) {}
  drop_counter& operator=(drop_counter&&) = delete;
  ~drop_counter() {
    if (drops_ != nullptr) drops_->fetch_add(1);
  }

 private:
  std::atomic<int>* drops_;
};

}  // namespace heddle::test
