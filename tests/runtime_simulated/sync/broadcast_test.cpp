// The broadcast channel on the simulated machine, with room for one or two values, so that receivers fall behind.
#include "heddle/runtime/broadcast.hpp"

#include "drive.hpp"
#include "heddle/gtest.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using test::drive;
using test::every_operation;
using test::poll_once_and_drop;

// How many values came or were missed until the end; they come in order.
std::uint64_t follow(broadcast::receiver<int>& input) {
  std::uint64_t count = 0;
  int last = 0;
  for (;;) {
    const auto value = drive(input.recv());
    if (value) {
      HEDDLE_CHECK(*value > last);
      last = *value;
      ++count;
    } else if (value.error().is_lagged()) {
      count += value.error().missed();
    } else {
      return count;
    }
  }
}

HEDDLE_TEST_WITH(broadcast_simulated, values_and_misses_add_up, every_operation(4000)) {
  auto [tx, rx] = broadcast::channel<int>(2);
  std::thread one([input = tx.subscribe()]() mutable { HEDDLE_CHECK(follow(input) == 4); });
  std::thread sending([output = std::move(tx)]() mutable {
    for (int i = 1; i <= 4; ++i) HEDDLE_CHECK(output.send(i).has_value());
    const auto dropped = std::move(output);
  });
  HEDDLE_CHECK(follow(rx) == 4);
  one.join();
  sending.join();
}

TEST(broadcast_simulated, a_send_and_a_receive_in_every_order) {
  test::explore_all([] {
    auto [tx, rx] = broadcast::channel<int>(1);
    std::thread sending([output = std::move(tx)]() mutable {
      HEDDLE_CHECK(output.send(1).has_value());
      const auto dropped = std::move(output);
    });
    HEDDLE_CHECK(drive(rx.recv()) == 1);
    HEDDLE_CHECK(drive(rx.recv()).error().is_closed());
    sending.join();
  });
}

HEDDLE_TEST_WITH(broadcast_simulated, receivers_dropped_at_any_moment_keep_no_value, every_operation(5000)) {
  const auto value = std::make_shared<int>(1);
  auto [tx, rx] = broadcast::channel<std::shared_ptr<int>>(1);
  std::thread dropping([input = tx.subscribe()]() mutable {
    static_cast<void>(poll_once_and_drop(input.recv()));
    const auto dropped = std::move(input);
  });
  std::thread sending([&value, output = tx]() mutable {
    for (int i = 0; i < 3; ++i) HEDDLE_CHECK(output.send(value).has_value());
  });
  int received = 0;
  while (received < 3) {
    const auto got = drive(rx.recv());
    received += got.has_value() ? 1 : static_cast<int>(got.error().missed());
  }
  dropping.join();
  sending.join();
  HEDDLE_CHECK(value.use_count() == 1);
}

HEDDLE_TEST_WITH(broadcast_simulated, the_last_sender_dropped_at_any_moment_ends_all, every_operation(3000)) {
  auto [tx, rx] = broadcast::channel<int>(1);
  std::thread one([output = tx]() mutable { const auto dropped = std::move(output); });
  std::thread two([input = rx.resubscribe()]() mutable { HEDDLE_CHECK(follow(input) == 0); });
  {
    const auto dropped = std::move(tx);
  }
  HEDDLE_CHECK(follow(rx) == 0);
  one.join();
  two.join();
}

// Tokio #5578: wakers are user code, and may use what they were given to.
HEDDLE_TEST_WITH(broadcast_simulated, wakers_may_call_back, every_operation(500)) {
  auto [tx, rx] = broadcast::channel<int>(1);
  const test::calling_back target([&output = tx] { static_cast<void>(output.receiver_count()); });
  const waker current = target.make();
  context cx(current);
  auto receiving = rx.recv();
  HEDDLE_CHECK(receiving.poll(cx).is_pending());
  std::thread sending([output = tx]() mutable { HEDDLE_CHECK(output.send(1).has_value()); });
  sending.join();
  HEDDLE_CHECK(receiving.poll(cx).value() == 1);
}

}  // namespace
}  // namespace heddle
