// A lost wakeup: a condition variable that is notified before anyone waits.
//
// A notification is not remembered. A thread that waits without a predicate sleeps for ever when the
// notification came first, on every machine where the other thread happened to be faster. The fix is to
// wait for a state, set under the same mutex, and not for the notification.
#include <heddle/gtest.hpp>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace {

class gate {
 public:
  void open() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      is_open_ = true;
    }
    opened_.notify_one();
  }

  void pass_without_looking() {
    std::unique_lock<std::mutex> lock(mutex_);
    opened_.wait(lock);
  }

  void pass() {
    std::unique_lock<std::mutex> lock(mutex_);
    opened_.wait(lock, [this] { return is_open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  bool is_open_ = false;
};

HEDDLE_TEST(LostWakeup, Broken) {
  gate door;
  std::thread keeper([&] { door.open(); });
  door.pass_without_looking();
  keeper.join();
}

HEDDLE_TEST(LostWakeup, Fixed) {
  gate door;
  std::thread keeper([&] { door.open(); });
  door.pass();
  keeper.join();
}

}  // namespace
