// The twins of held.cpp: what is let go before each co_await, what only refers, and what is meant. Nothing is to be
// found. Never run.
#include "heddle/runtime.hpp"

#include <memory>
#include <mutex>
#include <string>

namespace third_party {
class handle {
 public:
  handle();
  ~handle();
  std::unique_lock<std::mutex> own;
};
}  // namespace third_party
HEDDLE_DECLARE_SEND(third_party::handle, true);

namespace subjects {

heddle::task<int> in_a_scope(std::mutex& lock) {
  int count = 0;
  {
    const std::lock_guard<std::mutex> held(lock);
    ++count;
  }
  co_await heddle::yield_now();
  co_return count;
}

heddle::task<> in_each_round(std::mutex& lock, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    {
      const std::scoped_lock held(lock);
    }
    co_await heddle::yield_now();
  }
}

heddle::task<int> behind_the_last(std::mutex& lock, int& count) {
  co_await heddle::yield_now();
  const std::lock_guard<std::mutex> held(lock);  // found if optimised
  co_return ++count;
}

heddle::task<> behind_the_last_of_each_round(std::mutex& lock, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    co_await heddle::yield_now();
    const std::scoped_lock held(lock);  // found if optimised
  }
}

heddle::task<int> with_a_lock_of_heddle(heddle::sync::mutex<int>& number) {
  auto guard = number.lock();
  auto held = co_await guard;
  co_await heddle::yield_now();
  co_return *held;
}

std::unique_lock<std::mutex>& lock_of_another();
heddle::task<> refers(std::shared_ptr<std::mutex> shared) {
  std::unique_lock<std::mutex>* pointer = &lock_of_another();
  std::unique_lock<std::mutex>& reference = lock_of_another();
  co_await heddle::yield_now();
  pointer->unlock();
  reference.unlock();
  shared->unlock();
}

heddle::task<> declared_send() {
  third_party::handle own;
  co_await heddle::yield_now();
  own.own.unlock();
}

heddle::task<> meant(std::mutex& lock) {
  // send-audit: allow (it is unlocked at each suspension)
  std::unique_lock<std::mutex> held(lock);
  held.unlock();
  co_await heddle::yield_now();
  std::unique_lock<std::mutex> other(lock, std::defer_lock);  // send-audit: allow (it is not locked yet)
  co_await heddle::yield_now();
}

heddle::local_task<> on_one_thread(std::mutex& lock) {
  const std::lock_guard<std::mutex> held(lock);
  auto pause = heddle::yield_now();
  co_await pause;
}

int no_coroutine(std::mutex& lock) {
  const std::lock_guard<std::mutex> held(lock);
  return 1;
}

}  // namespace subjects
