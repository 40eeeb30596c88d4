// Shutdowns that wait for nobody, against everything that may be under way. What is left behind is joined by hand.
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using namespace std::chrono_literals;

check::options every_operation(std::uint64_t schedules) {
  return check::options{.schedules = schedules, .granularity = check::granularity::runtime};
}

class drops {
 public:
  explicit drops(std::atomic<int>& counter) noexcept : counter_(&counter) {}
  drops(drops&& other) noexcept : counter_(std::exchange(other.counter_, nullptr)) {}
  drops& operator=(drops&&) = delete;
  ~drops() {
    if (counter_ != nullptr) counter_->fetch_add(1);
  }

 private:
  std::atomic<int>* counter_;
};

HEDDLE_TEST_WITH(shutdown_simulated, with_a_limit_drops_each_task_once, every_operation(3000)) {
  std::atomic<int> dropped = 0;
  std::atomic<int> stopped = 0;
  {
    runtime rt = runtime::builder().worker_threads(2).on_thread_stop([&stopped] { stopped.fetch_add(1); }).build();
    const auto body = [](drops) -> task<> {
      co_await yield_now();
      co_await sleep(1h);
    };
    for (int i = 0; i < 2; ++i) rt.spawn(body(drops(dropped))).detach();
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
      const auto body = [](drops) -> task<> { co_await sleep(1h); };
      auto handle = own.spawn(body(drops(dropped)));
      auto call = own.spawn_blocking([kept = drops(dropped)] {});
      handle.detach();
      call.detach();
    });
    std::move(rt).shutdown_timeout(1min);
    spawns.join();
  }
  HEDDLE_CHECK(dropped.load() == 2);
}

}  // namespace
}  // namespace heddle
