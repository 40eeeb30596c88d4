// A timeout of one hour that takes no time: when nothing can run, the simulated clock jumps to the next deadline.
//
// The broken pair forgets that a request may never be answered: it waits without a limit, and the test deadlocks. The
// fixed pair gives up after an hour, first with heddle's tasks, then with a plain condition variable.
#include <heddle/gtest.hpp>
#include <heddle/runtime.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace {

using namespace std::chrono_literals;

HEDDLE_ASYNC_TEST(TaskTimeout, Broken) {
  auto [answer, request] = heddle::oneshot::channel<int>();
  static_cast<void>(co_await request);
  static_cast<void>(answer);
}

HEDDLE_ASYNC_TEST(TaskTimeout, Fixed) {
  const auto start = std::chrono::steady_clock::now();
  auto [answer, request] = heddle::oneshot::channel<int>();
  auto limited = heddle::timeout(1h, std::move(request));
  auto result = co_await limited;
  EXPECT_FALSE(result.has_value());
  EXPECT_GE(std::chrono::steady_clock::now() - start, 1h);
  static_cast<void>(answer);
}

HEDDLE_TEST(ThreadTimeout, Broken) {
  std::mutex mutex;
  std::condition_variable answered;
  bool has_answer = false;
  std::unique_lock<std::mutex> lock(mutex);
  answered.wait(lock, [&] { return has_answer; });
}

HEDDLE_TEST(ThreadTimeout, Fixed) {
  const auto start = std::chrono::steady_clock::now();
  std::mutex mutex;
  std::condition_variable answered;
  bool has_answer = false;
  std::unique_lock<std::mutex> lock(mutex);
  EXPECT_FALSE(answered.wait_for(lock, 1h, [&] { return has_answer; }));
  EXPECT_GE(std::chrono::steady_clock::now() - start, 1h);
}

}  // namespace
