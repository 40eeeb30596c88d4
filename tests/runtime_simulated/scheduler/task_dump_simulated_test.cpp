// A dump takes a waiting task for a moment: against whoever wakes, aborts or drops it then.
#include "every_operation.hpp"
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"

#include <atomic>
#include <memory>
#include <thread>

namespace heddle {
namespace {

using signal = std::shared_ptr<sync::notify>;

class counted {
 public:
  using declare_send = declared_true<counted, "the count is atomic and outlives the runtime">;

  explicit counted(std::atomic<int>& alive) noexcept : alive_(&alive) { alive_->fetch_add(1); }
  counted(const counted& other) noexcept : counted(*other.alive_) {}
  counted& operator=(const counted&) = delete;
  ~counted() { alive_->fetch_sub(1); }

 private:
  std::atomic<int>* alive_;
};

task<> waits_for(signal go, counted) {
  co_await go->notified();
}

HEDDLE_TEST_WITH(task_dump_simulated, loses_no_wake_of_a_task_that_it_looks_at, test::every_operation(3000)) {
  runtime rt = runtime::builder().worker_threads(1).build();
  auto go = std::make_shared<sync::notify>();
  std::atomic<int> alive = 0;
  auto waits = rt.spawn(waits_for(go, counted(alive)));
  std::thread looks([handle = rt.handle()] { HEDDLE_CHECK(handle.dump_tasks().size() <= 1); });
  go->notify_one();
  const auto ends = [](join_handle<void> one) -> task<> { co_await one; };
  rt.block_on(ends(std::move(waits)));
  looks.join();
  HEDDLE_CHECK(alive.load() == 0);
}

HEDDLE_TEST_WITH(task_dump_simulated, leaves_an_aborted_task_dropped_once_and_joined, test::every_operation(3000)) {
  runtime rt = runtime::builder().worker_threads(1).build();
  auto go = std::make_shared<sync::notify>();
  std::atomic<int> alive = 0;
  auto waits = rt.spawn(waits_for(go, counted(alive)));
  std::thread looks([handle = rt.handle()] { HEDDLE_CHECK(handle.dump_tasks().size() <= 1); });
  waits.abort();
  const auto ends = [](join_handle<void> one) -> task<bool> {
    const auto result = co_await one;
    co_return result.has_value();
  };
  HEDDLE_CHECK(!rt.block_on(ends(std::move(waits))));
  looks.join();
  HEDDLE_CHECK(alive.load() == 0);
}

HEDDLE_TEST_WITH(task_dump_simulated, may_go_on_while_the_runtime_shuts_down, test::every_operation(3000)) {
  std::atomic<int> alive = 0;
  {
    runtime rt = runtime::builder().worker_threads(1).build();
    auto go = std::make_shared<sync::notify>();
    rt.spawn(waits_for(go, counted(alive))).detach();
    std::thread looks([handle = rt.handle()] { HEDDLE_CHECK(handle.dump_tasks().size() <= 1); });
    looks.detach();
  }
  // Whoever looks then may be the one who drops it.
  while (alive.load() != 0) std::this_thread::yield();
}

}  // namespace
}  // namespace heddle
