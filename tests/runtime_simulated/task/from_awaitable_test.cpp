// Foreign awaitables on the simulated machine: the foreign side may resume before, while or after the task looks.
#include "every_operation.hpp"
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"

#include <coroutine>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using test::every_operation;

// Resumes its handle on a new thread.
class on_a_thread {
 public:
  explicit on_a_thread(std::thread& thread) noexcept : thread_(&thread) {}
  bool await_ready() const noexcept { return false; }
  [[gnu::noinline]] void await_suspend(std::coroutine_handle<> handle) {
    // Once the thread has begun, this object may be gone: its member is read before.
    std::thread& slot = *thread_;
    slot = std::thread([handle] { handle.resume(); });
  }
  std::unique_ptr<int> await_resume() const { return std::make_unique<int>(5); }

 private:
  std::thread* thread_;
};

HEDDLE_TEST_WITH(from_awaitable_simulated, the_task_is_woken_whenever_the_foreign_side_resumes, every_operation(3000)) {
  std::thread thread;
  runtime rt = runtime::builder().multi_thread().worker_threads(1).build();
  const int value = rt.block_on([](std::thread& started) -> task<int> {
    auto foreign = from_awaitable(on_a_thread(started));
    const std::unique_ptr<int> result = co_await foreign;
    co_return *result;
  }(thread));
  EXPECT_EQ(value, 5);
  thread.join();
}

HEDDLE_TEST_WITH(from_awaitable_simulated, it_can_be_dropped_whenever_the_foreign_side_resumes, every_operation(3000)) {
  std::thread thread;
  runtime rt = runtime::builder().multi_thread().worker_threads(1).build();
  rt.block_on([](std::thread& started) -> task<> {
    auto race = select(from_awaitable(on_a_thread(started)), yield_now());
    static_cast<void>(co_await race);
  }(thread));
  if (thread.joinable()) thread.join();
}

}  // namespace
}  // namespace heddle
