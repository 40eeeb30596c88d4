// Shutdowns that wait for nobody, against everything that may be under way. What is left behind is joined by hand.
#include "drop_counter.hpp"
#include "every_operation.hpp"
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using namespace std::chrono_literals;
using test::drop_counter;
using test::every_operation;

HEDDLE_TEST_WITH(shutdown_simulated, with_a_limit_drops_each_task_once, every_operation(3000)) {
  std::atomic<int> dropped = 0;
  std::atomic<int> stopped = 0;
  {
    runtime rt = runtime::builder().worker_threads(2).on_thread_stop([&stopped] { stopped.fetch_add(1); }).build();
    const auto body = [](drop_counter) -> task<> {
      co_await yield_now();
      co_await sleep(1h);
    };
    for (int i = 0; i < 2; ++i) rt.spawn(body(drop_counter(dropped))).detach();
    std::move(rt).shutdown_timeout(1min);
  }
  HEDDLE_CHECK(dropped.load() == 2);
  HEDDLE_CHECK(stopped.load() == 2);
}

HEDDLE_TEST_WITH(shutdown_simulated, a_handle_may_spawn_while_the_runtime_goes, every_operation(3000)) {
  std::atomic<int> dropped = 0;
  {
    runtime rt = runtime::builder().worker_threads(1).build();
    std::thread spawns([own = rt.handle(), &dropped] {
      const auto body = [](drop_counter) -> task<> { co_await sleep(1h); };
      auto handle = own.spawn(body(drop_counter(dropped)));
      auto call = own.spawn_blocking([](const drop_counter&) {}, drop_counter(dropped));
      handle.detach();
      call.detach();
    });
    std::move(rt).shutdown_timeout(1min);
    spawns.join();
  }
  HEDDLE_CHECK(dropped.load() == 2);
}

// Uses what other tasks and threads use when it is destroyed, as destructors of users do.
class meddles {
 public:
  using declare_send = declared_true<meddles, "what it uses outlives the runtime of the test">;
  meddles(std::shared_ptr<sync::notify> wakes, std::mutex& locks) noexcept : wakes_(std::move(wakes)), locks_(&locks) {}
  meddles(meddles&& other) noexcept : wakes_(std::move(other.wakes_)), locks_(other.locks_) {}
  meddles& operator=(meddles&&) = delete;
  ~meddles() {
    if (wakes_ == nullptr) return;
    const std::lock_guard lock(*locks_);
    wakes_->notify_waiters();
  }

 private:
  std::shared_ptr<sync::notify> wakes_;
  std::mutex* locks_;
};

task<> waits_and_meddles(std::shared_ptr<sync::notify> event, meddles) {
  co_await event->notified();
}

// Ends a runtime with tasks that wake each other when they are dropped, while `other` runs on another thread.
template <class Other>
void shut_down_with_meddlers(runtime_builder builder, Other other) {
  std::mutex locks;
  auto event = std::make_shared<sync::notify>();
  {
    runtime rt = builder.build();
    for (int i = 0; i < 2; ++i) rt.spawn(waits_and_meddles(event, meddles(event, locks))).detach();
    std::thread beside([&] { other(*event, locks); });
    {
      const runtime goes = std::move(rt);
    }
    beside.join();
  }
  HEDDLE_CHECK(event.use_count() == 1);
}

const auto nothing = [](sync::notify&, std::mutex&) {};

HEDDLE_TEST_WITH(shutdown_simulated, tasks_that_are_dropped_may_wake_others_on_workers, every_operation(2000)) {
  shut_down_with_meddlers(runtime::builder().worker_threads(2), nothing);
}

HEDDLE_TEST_WITH(shutdown_simulated, tasks_that_are_dropped_may_wake_others_on_one_thread, every_operation(500)) {
  shut_down_with_meddlers(runtime::builder().current_thread(), nothing);
}

// What is dropped takes a lock that the one who wakes holds.
const auto wakes_with_the_lock_held = [](sync::notify& event, std::mutex& locks) {
  const std::lock_guard lock(locks);
  event.notify_waiters();
};

HEDDLE_TEST_WITH(shutdown_simulated, a_wake_that_meets_the_end_drops_nothing_inline_on_workers, every_operation(3000)) {
  shut_down_with_meddlers(runtime::builder().worker_threads(1), wakes_with_the_lock_held);
}

HEDDLE_TEST_WITH(shutdown_simulated, a_wake_that_meets_the_end_drops_nothing_inline_on_one_thread,
                 every_operation(2000)) {
  shut_down_with_meddlers(runtime::builder().current_thread(), wakes_with_the_lock_held);
}

}  // namespace
}  // namespace heddle
