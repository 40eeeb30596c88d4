// The once cell on the simulated machine.
#include "heddle/runtime/once_cell.hpp"

#include "drive.hpp"
#include "heddle/gtest.hpp"
#include "heddle/runtime/poll_result.hpp"
#include "heddle/runtime/yield_now.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using test::drive;
using test::every_operation;
using test::poll_once_and_drop;

// Makes a number after it was pending once, and says how many were made and are being made.
class making {
 public:
  making(std::atomic<int>& made, std::atomic<int>& running) noexcept : made_(&made), running_(&running) {}
  making(making&& other) noexcept = default;
  making& operator=(making&&) = delete;
  ~making() {
    if (has_begun_) running_->fetch_sub(1);
  }

  poll_result<int> poll(context& cx) {
    if (!has_begun_) {
      has_begun_ = true;
      HEDDLE_CHECK(running_->fetch_add(1) == 0);
      cx.get_waker().wake_by_ref();
      return pending;
    }
    return made_->fetch_add(1) + 1;
  }

 private:
  std::atomic<int>* made_;
  std::atomic<int>* running_;
  bool has_begun_ = false;
};

HEDDLE_TEST_WITH(once_cell_simulated, one_initialises_and_all_see_its_value, every_operation(4000)) {
  sync::once_cell<int> cell;
  std::atomic<int> made = 0;
  std::atomic<int> running = 0;
  const auto make = [&] { return making(made, running); };
  const auto needs = [&] { HEDDLE_CHECK(*drive(cell.get_or_init(make)) == 1); };
  std::thread one(needs);
  std::thread two(needs);
  needs();
  one.join();
  two.join();
  HEDDLE_CHECK(made.load() == 1);
}

HEDDLE_TEST_WITH(once_cell_simulated, an_initialiser_dropped_at_any_moment_lets_another_begin, every_operation(5000)) {
  sync::once_cell<int> cell;
  std::atomic<int> made = 0;
  std::atomic<int> running = 0;
  const auto make = [&] { return making(made, running); };
  std::thread dropping([&] {
    static_cast<void>(poll_once_and_drop(cell.get_or_init(make)));
    static_cast<void>(poll_once_and_drop(cell.get_or_init(make)));
  });
  std::thread needing([&] { HEDDLE_CHECK(*drive(cell.get_or_init(make)) == 1); });
  HEDDLE_CHECK(*drive(cell.get_or_init(make)) == 1);
  dropping.join();
  needing.join();
  HEDDLE_CHECK(made.load() == 1);
}

HEDDLE_TEST_WITH(once_cell_simulated, setting_races_with_initialising, every_operation(3000)) {
  sync::once_cell<int> cell;
  std::atomic<int> made = 0;
  std::atomic<int> running = 0;
  std::thread setting([&] {
    if (cell.set(7).has_value()) HEDDLE_CHECK(*cell.get() == 7);
  });
  const int value = *drive(cell.get_or_init([&] { return making(made, running); }));
  HEDDLE_CHECK(value == (made.load() == 1 ? 1 : 7));
  setting.join();
}

}  // namespace
}  // namespace heddle
