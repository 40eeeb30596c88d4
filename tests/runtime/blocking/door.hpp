// Lets threads wait until somebody opens. Thread safety: any thread.
#pragma once

#include <condition_variable>
#include <mutex>

namespace heddle::test {

class door {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    condition_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    while (!is_open_) condition_.wait(lock);
  }

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  bool is_open_ = false;
};

}  // namespace heddle::test
