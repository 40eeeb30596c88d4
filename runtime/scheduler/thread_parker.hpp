// Parks a thread that has nothing but its own notification to wait for: the caller of block_on.
// Thread safety: one thread parks, any unparks.
#pragma once

#include "unpark_target.hpp"

#include <condition_variable>
#include <mutex>

namespace heddle::detail {

class thread_parker final : public unpark_target {
 public:
  // Returns after an unpark since the last return.
  void park() {
    std::unique_lock lock(mutex_);
    while (!notified_) condition_.wait(lock);
    notified_ = false;
  }

  void unpark() noexcept override {
    const std::lock_guard lock(mutex_);
    notified_ = true;
    condition_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  bool notified_ = false;  // under mutex_
};

}  // namespace heddle::detail
