// How long a shutdown waits for the threads of its runtime. Thread safety: a plain value.
#pragma once

#include <chrono>

namespace heddle::detail {

class shutdown_limit {
 public:
  using clock = std::chrono::steady_clock;

  // Waits for all of them, however long that takes.
  constexpr shutdown_limit() noexcept = default;
  explicit constexpr shutdown_limit(clock::time_point until) noexcept : until_(until) {}

  bool is_endless() const noexcept { return until_ == clock::time_point::max(); }
  clock::time_point until() const noexcept { return until_; }

  // Waits on `condition`, under `lock`, for `is_done`. False: the time is over first.
  template <class Condition, class Lock, class Predicate>
  bool wait(Condition& condition, Lock& lock, Predicate is_done) const {
    while (!is_done()) {
      if (is_endless()) {
        condition.wait(lock);
      } else if (until_ <= clock::now()) {
        return false;
      } else {
        condition.wait_until(lock, until_);
      }
    }
    return true;
  }

 private:
  clock::time_point until_ = clock::time_point::max();
};

}  // namespace heddle::detail
