// Drives futures on plain threads: a primitive is tested by itself, without the scheduler's own interleavings.
//
// How it works. A future is polled, and while it is pending its thread waits on a condition variable that the waker
// signals. A wakeup that is lost is then a deadlock, which the machine reports.
//
// Thread safety. Wakers may outlive the drive, on any thread.
#pragma once

#include "every_operation.hpp"
#include "heddle/check.hpp"
#include "heddle/runtime/context.hpp"
#include "heddle/runtime/send.hpp"
#include "heddle/runtime/waker.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace heddle::test {

// Explores the interleavings of a program of a few operations, each once. Where a wait on a condition variable leads
// the strategy astray, it ends without calling it a proof: the report says so.
template <class Body>
void explore_all(Body body) {
  check::options chosen = every_operation(0);
  chosen.strategy = check::exhaustive{};
  const check::report result = check::explore(chosen, body);
  EXPECT_FALSE(result.failed()) << result.text();
  testing::Test::RecordProperty("proved", result.proved ? "yes" : "no");
  testing::Test::RecordProperty("schedules", std::to_string(result.schedules));
}

class parked_thread {
 public:
  waker make() {
    references_.fetch_add(1);
    return waker(raw_waker(this, &behaviour));
  }
  void wait() {
    std::unique_lock lock(mutex_);
    condition_.wait(lock, [this] { return is_woken_; });
    is_woken_ = false;
  }
  bool is_woken() {
    const std::lock_guard lock(mutex_);
    return is_woken_;
  }
  void release() {
    if (references_.fetch_sub(1) == 1) delete this;
  }

 private:
  static parked_thread& self(const void* data) { return *static_cast<parked_thread*>(const_cast<void*>(data)); }
  static raw_waker clone(const void* data) noexcept {
    self(data).references_.fetch_add(1);
    return raw_waker(data, &behaviour);
  }
  static void wake(const void* data) noexcept {
    wake_by_ref(data);
    drop(data);
  }
  static void wake_by_ref(const void* data) noexcept {
    const std::lock_guard lock(self(data).mutex_);
    self(data).is_woken_ = true;
    self(data).condition_.notify_one();
  }
  static void drop(const void* data) noexcept { self(data).release(); }

  static constexpr waker_vtable behaviour{&clone, &wake, &wake_by_ref, &drop};

  std::atomic<int> references_{1};
  std::mutex mutex_;
  std::condition_variable condition_;
  bool is_woken_ = false;
};

// Polls futures for one thread.
class driver {
 public:
  driver() = default;
  driver(const driver&) = delete;
  driver& operator=(const driver&) = delete;
  ~driver() { thread_->release(); }

  template <class F>
  auto poll(F& future) {
    const waker current = thread_->make();
    context cx(current);
    return future.poll(cx);
  }
  // Whether its waker was woken since the last wait.
  bool is_woken() { return thread_->is_woken(); }
  void wait() { thread_->wait(); }

 private:
  parked_thread* thread_ = new parked_thread();
};

// A waker that uses the primitive whenever it is cloned, woken or dropped: with a lock held, that is a deadlock.
template <class Call>
class calling_back {
 public:
  explicit calling_back(Call call) noexcept : call_(std::move(call)) {}

  // REQUIRES: this object outlives the waker.
  waker make() const { return waker(raw_waker(this, &behaviour)); }

 private:
  static void call(const void* data) noexcept { static_cast<const calling_back*>(data)->call_(); }
  static raw_waker clone(const void* data) noexcept {
    call(data);
    return raw_waker(data, &behaviour);
  }
  static constexpr waker_vtable behaviour{&clone, &call, &call, &call};

  Call call_;
};

// Polls until ready; what it is ready with.
template <class F>
auto drive(F&& future) {
  driver polling;
  for (;;) {
    auto result = polling.poll(future);
    if (result.is_ready()) {
      if constexpr (requires { std::move(result).value(); }) {
        return std::move(result).value();
      } else {
        return;
      }
    }
    polling.wait();
  }
}

// Polls once and drops: what cancellation at any moment does. Whether it was ready.
template <class F>
bool poll_once_and_drop(F future) {
  driver polling;
  return polling.poll(future).is_ready();
}

// A value that is alive once, whoever has it; the counter says how many are.
class tracked {
 public:
  using declare_send = declared_true<tracked, "the counter is atomic, and outlives all of them">;
  tracked(std::atomic<int>& alive, int number) noexcept : alive_(&alive), number_(number) { alive_->fetch_add(1); }
  tracked(tracked&& other) noexcept : alive_(std::exchange(other.alive_, nullptr)), number_(other.number_) {}
  tracked& operator=(tracked&& other) noexcept {
    tracked old(std::move(*this));
    alive_ = std::exchange(other.alive_, nullptr);
    number_ = other.number_;
    return *this;
  }
  ~tracked() {
    if (alive_ != nullptr) alive_->fetch_sub(1);
  }
  int number() const noexcept { return number_; }

 private:
  std::atomic<int>* alive_;
  int number_;
};

}  // namespace heddle::test
