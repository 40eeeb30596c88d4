// What belongs to its thread and is kept across a co_await: the C++ twin of an Rc held across an await in Rust.
//
// The broken pair keeps a reference count that is not atomic, and a lock, while the task is suspended. The task may go
// on on another worker: the count is used by a thread that did not make it, and the lock would be released by one that
// does not hold it. The fixed pair lets both go before. docs/send.md says what the compiler and the build show of
// these.
#include <heddle/gtest.hpp>
#include <heddle/runtime.hpp>

#include <memory>
#include <mutex>
#include <utility>

namespace {

// Counts its owners without atomic operations, as Rust's Rc.
template <class T>
class rc {
 public:
  explicit rc(T value) : shared_(new block{1, value}) {}
  rc(const rc& other) noexcept : shared_(other.shared_) { ++shared_->owners; }
  rc& operator=(const rc&) = delete;
  ~rc() {
    if (--shared_->owners == 0) delete shared_;
  }
  const T& operator*() const noexcept { return shared_->value; }

 private:
  struct block {
    int owners;
    T value;
  };
  block* shared_;
};

using answer = heddle::oneshot::receiver<int>;

heddle::task<int> keeps_it(answer asked) {
  heddle::thread_bound<rc<int>> shared(1);
  const auto got = co_await asked;
  co_return **shared + got.value();
}
heddle::task<int> lets_it_go(answer asked) {
  int number = 0;
  {
    heddle::thread_bound<rc<int>> shared(1);
    number = **shared;
  }
  const auto got = co_await asked;
  co_return number + got.value();
}
heddle::task<> answers(heddle::oneshot::sender<int> to) {
  static_cast<void>(to.send(1));
  co_return;
}
// Who is woken goes on on the worker of the one that woke it, which may be another.
heddle::task<> beside_who_answers(heddle::task<int> (*asks)(answer)) {
  auto [to, from] = heddle::oneshot::channel<int>();
  auto asking = heddle::spawn(asks(std::move(from)));
  auto answering = heddle::spawn(answers(std::move(to)));
  const auto result = co_await asking;
  EXPECT_EQ(result.value(), 2);
  co_await answering;
}

HEDDLE_ASYNC_TEST(RcAcrossAwait, Broken) {
  co_await beside_who_answers(keeps_it);
}

HEDDLE_ASYNC_TEST(RcAcrossAwait, Fixed) {
  co_await beside_who_answers(lets_it_go);
}

struct counter {
  std::mutex mutex;
  int count = 0;
};

heddle::task<> keeps_the_lock(std::shared_ptr<counter> shared) {
  const std::lock_guard<std::mutex> lock(shared->mutex);
  co_await heddle::yield_now();
  ++shared->count;
}
heddle::task<> locks_behind(std::shared_ptr<counter> shared) {
  co_await heddle::yield_now();
  const std::lock_guard<std::mutex> lock(shared->mutex);
  ++shared->count;
}

HEDDLE_ASYNC_TEST(LockAcrossAwait, Broken) {
  auto shared = std::make_shared<counter>();
  auto work = heddle::spawn(keeps_the_lock(shared));
  co_await work;
}

HEDDLE_ASYNC_TEST(LockAcrossAwait, Fixed) {
  auto shared = std::make_shared<counter>();
  auto work = heddle::spawn(locks_behind(shared));
  co_await work;
}

}  // namespace
