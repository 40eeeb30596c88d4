// HEDDLE_ASYNC_TEST: the body is a coroutine, a task<> on a multi-thread runtime with two workers.
//
//     HEDDLE_ASYNC_TEST(Channel, DeliversInOrder) {
//       auto [sender, receiver] = heddle::oneshot::channel<int>();
//       auto sent = heddle::spawn(send_one(std::move(sender)));
//       EXPECT_EQ(co_await receiver, 1);
//       co_await sent;
//     }
//
// The runtime is built, driven and shut down inside each execution. ASSERT_* cannot be used in the body itself, as it
// contains a plain `return`: use EXPECT_*, or HEDDLE_CHECK, which abandons the execution.
#pragma once

#include "heddle/gtest/test.hpp"
#include "heddle/runtime.hpp"

namespace heddle::check::detail {

// The main thread of an async test: a runtime with two workers around one task.
inline void run_on_two_workers(task<> (*body)()) {
  auto around = runtime::builder().multi_thread().worker_threads(2).build();
  around.block_on(body());
}

}  // namespace heddle::check::detail

#define HEDDLE_ASYNC_TEST_BODY_(suite, name) heddle_async_test_body_##suite##_##name

#define HEDDLE_ASYNC_TEST_WITH(suite, name, ...)                                        \
  static ::heddle::task<> HEDDLE_ASYNC_TEST_BODY_(suite, name)();                       \
  HEDDLE_TEST_WITH(suite, name, __VA_ARGS__) {                                          \
    ::heddle::check::detail::run_on_two_workers(&HEDDLE_ASYNC_TEST_BODY_(suite, name)); \
  }                                                                                     \
  static ::heddle::task<> HEDDLE_ASYNC_TEST_BODY_(suite, name)()

// The body runs with default options.
#define HEDDLE_ASYNC_TEST(suite, name) HEDDLE_ASYNC_TEST_WITH(suite, name, ::heddle::check::options{})
