// Lets threads wait until somebody opens. Thread safety: any thread.
#pragma once

#include "heddle/runtime/send.hpp"

#include <condition_variable>
#include <mutex>

namespace heddle::test {

class door {
 public:
  using declare_send = declared_true<door, "all of it is under its mutex">;
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
