// The oneshot channel on the simulated machine.
#include "heddle/runtime/oneshot.hpp"

#include "drive.hpp"
#include "heddle/gtest.hpp"

#include <atomic>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using test::drive;
using test::every_operation;
using test::tracked;

TEST(oneshot_simulated, a_send_and_a_receive_in_every_order) {
  test::explore_all([] {
    auto [tx, rx] = oneshot::channel<int>();
    std::thread sending([output = std::move(tx)]() mutable { HEDDLE_CHECK(output.send(1).has_value()); });
    HEDDLE_CHECK(drive(rx) == 1);
    sending.join();
  });
}

// Tokio #4226: sender and receiver must not both touch the value.
HEDDLE_TEST_WITH(oneshot_simulated, a_send_and_a_close_leave_the_value_with_one_side, every_operation(4000)) {
  std::atomic<int> alive = 0;
  {
    auto [tx, rx] = oneshot::channel<tracked>();
    std::atomic<int> with = 0;
    std::thread sending([&, output = std::move(tx)]() mutable {
      const auto sent = output.send(tracked(alive, 7));
      if (!sent) {
        HEDDLE_CHECK(sent.error().number() == 7);
        with.fetch_add(1);
      }
    });
    rx.close();
    const auto received = rx.try_recv();
    if (received) {
      HEDDLE_CHECK(received->number() == 7);
      with.fetch_add(1);
    }
    sending.join();
    HEDDLE_CHECK(with.load() == 1);
  }
  HEDDLE_CHECK(alive.load() == 0);
}

HEDDLE_TEST_WITH(oneshot_simulated, a_receiver_that_moves_to_another_task_is_woken, every_operation(4000)) {
  auto [tx, rx] = oneshot::channel<int>();
  std::thread sending([output = std::move(tx)]() mutable {
    if (check::choose(2) == 1) HEDDLE_CHECK(output.send(1).has_value());
    const auto dropped = std::move(output);
  });
  {
    test::driver before;
    auto first = before.poll(rx);
    if (first.is_pending()) {
      const auto received = drive(rx);
      HEDDLE_CHECK(!received || *received == 1);
    }
  }
  sending.join();
}

HEDDLE_TEST_WITH(oneshot_simulated, closed_is_ready_when_the_receiver_goes, every_operation(4000)) {
  auto [tx, rx] = oneshot::channel<int>();
  std::thread dropping([input = std::move(rx)]() mutable {
    if (check::choose(2) == 1) input.close();
    const auto dropped = std::move(input);
  });
  {
    test::driver before;
    auto closing = tx.closed();
    if (before.poll(closing).is_pending()) drive(closing);
  }
  HEDDLE_CHECK(!tx.send(1).has_value());
  dropping.join();
}

// The value takes the place of the sender's waker, which the receiver may be about to wake.
HEDDLE_TEST_WITH(oneshot_simulated, who_has_waited_for_the_close_may_send, every_operation(4000)) {
  std::atomic<int> alive = 0;
  test::driver waited;
  {
    auto [tx, rx] = oneshot::channel<tracked>();
    auto closing = tx.closed();
    HEDDLE_CHECK(waited.poll(closing).is_pending());
    std::atomic<int> with = 0;
    std::thread ending([&with, input = std::move(rx)]() mutable {
      input.close();
      if (input.try_recv()) with.fetch_add(1);
    });
    const auto sent = tx.send(tracked(alive, 7));
    if (!sent) {
      HEDDLE_CHECK(sent.error().number() == 7);
      with.fetch_add(1);
    }
    ending.join();
    HEDDLE_CHECK(with.load() == 1);
  }
  HEDDLE_CHECK(alive.load() == 0);
}

HEDDLE_TEST_WITH(oneshot_simulated, a_value_nobody_receives_is_destroyed_once, every_operation(4000)) {
  std::atomic<int> alive = 0;
  {
    auto [tx, rx] = oneshot::channel<tracked>();
    std::thread sending(
        [&alive, output = std::move(tx)]() mutable { static_cast<void>(output.send(tracked(alive, 1)).has_value()); });
    std::thread dropping([input = std::move(rx)]() mutable { const auto dropped = std::move(input); });
    sending.join();
    dropping.join();
  }
  HEDDLE_CHECK(alive.load() == 0);
}

}  // namespace
}  // namespace heddle
