// The channels of many senders on the simulated machine: capacities of 1 and 2, so that senders wait in most schedules.
#include "heddle/runtime/mpsc.hpp"

#include "drive.hpp"
#include "heddle/gtest.hpp"
#include "heddle/runtime/mpsc_unbounded.hpp"

#include <array>
#include <atomic>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace heddle {
namespace {

using test::drive;
using test::every_operation;
using test::poll_once_and_drop;
using test::tracked;

HEDDLE_TEST_WITH(mpsc_simulated, values_of_two_senders_arrive_once_and_in_order, every_operation(3000)) {
  constexpr int each = 3;
  auto [tx, rx] = mpsc::channel<int>(1);
  const auto sends = [](mpsc::sender<int> output, int first) {
    for (int i = 0; i < each; ++i) HEDDLE_CHECK(drive(output.send(first + i)).has_value());
  };
  std::thread one(sends, tx, 0);
  std::thread two(sends, std::move(tx), 100);
  std::array<int, 2> next{0, 100};
  int received = 0;
  while (const std::optional<int> value = drive(rx.recv())) {
    int& expected = next[*value < 100 ? 0 : 1];
    HEDDLE_CHECK(*value == expected);
    ++expected;
    ++received;
  }
  HEDDLE_CHECK(received == 2 * each);
  one.join();
  two.join();
}

TEST(mpsc_simulated, a_send_and_a_receive_in_every_order) {
  test::explore_all([] {
    auto [tx, rx] = mpsc::channel<int>(1);
    std::thread sending([output = std::move(tx)]() mutable {
      HEDDLE_CHECK(drive(output.send(7)).has_value());
      const auto dropped = std::move(output);
    });
    HEDDLE_CHECK(drive(rx.recv()) == 7);
    HEDDLE_CHECK(drive(rx.recv()) == std::nullopt);
    sending.join();
  });
}

HEDDLE_TEST_WITH(mpsc_simulated, the_receiver_dropped_at_any_moment_destroys_each_value_once, every_operation(4000)) {
  std::atomic<int> alive = 0;
  {
    auto [tx, rx] = mpsc::channel<tracked>(1);
    std::atomic<int> refused = 0;
    std::thread sending([&, output = std::move(tx)]() mutable {
      for (int i = 0; i < 3; ++i) {
        const auto sent = drive(output.send(tracked(alive, i)));
        if (!sent) {
          HEDDLE_CHECK(sent.error().value().number() == i);
          refused.fetch_add(1);
        }
      }
      const auto dropped = std::move(output);
    });
    {
      mpsc::receiver<tracked> input = std::move(rx);
      if (check::choose(2) == 1) HEDDLE_CHECK(drive(input.recv())->number() == 0);
    }
    sending.join();
  }
  HEDDLE_CHECK(alive.load() == 0);
}

HEDDLE_TEST_WITH(mpsc_simulated, the_last_sender_dropped_at_any_moment_ends_the_receiver, every_operation(3000)) {
  auto [tx, rx] = mpsc::channel<int>(2);
  std::thread one([output = tx]() mutable { const auto dropped = std::move(output); });
  std::thread two([output = std::move(tx)]() mutable { const auto dropped = std::move(output); });
  HEDDLE_CHECK(drive(rx.recv()) == std::nullopt);
  one.join();
  two.join();
}

HEDDLE_TEST_WITH(mpsc_simulated, senders_dropped_at_any_moment_pass_their_turn_on, every_operation(6000)) {
  std::atomic<int> alive = 0;
  {
    auto [tx, rx] = mpsc::channel<tracked>(1);
    std::atomic<int> sent = 0;
    std::thread dropping([&, output = tx]() mutable {
      for (int i = 0; i < 2; ++i) sent.fetch_add(poll_once_and_drop(output.send(tracked(alive, i))) ? 1 : 0);
      const auto dropped = std::move(output);
    });
    std::thread sending([&, output = std::move(tx)]() mutable {
      for (int i = 0; i < 2; ++i) sent.fetch_add(drive(output.send(tracked(alive, 10 + i))).has_value() ? 1 : 0);
      const auto dropped = std::move(output);
    });
    int received = 0;
    while (drive(rx.recv())) ++received;
    dropping.join();
    sending.join();
    HEDDLE_CHECK(received == sent.load());
    HEDDLE_CHECK(received >= 2);
  }
  HEDDLE_CHECK(alive.load() == 0);
}

// Tokio #2854: the receiver that closed waits for the permit.
HEDDLE_TEST_WITH(mpsc_simulated, a_permit_dropped_after_the_close_ends_the_receiver, every_operation(3000)) {
  auto [tx, rx] = mpsc::channel<int>(1);
  // A sender stays: only the close ends the channel.
  std::thread holding([&output = tx] {
    auto reserved = drive(output.reserve());
    if (reserved && check::choose(2) == 1) reserved->send(1);
  });
  rx.close();
  while (drive(rx.recv())) {
  }
  holding.join();
}

HEDDLE_TEST_WITH(mpsc_simulated, a_receive_dropped_at_any_moment_loses_no_value, every_operation(3000)) {
  auto [tx, rx] = mpsc::channel<int>(1);
  std::thread sending([output = std::move(tx)]() mutable {
    for (int i = 0; i < 2; ++i) HEDDLE_CHECK(drive(output.send(i)).has_value());
    const auto dropped = std::move(output);
  });
  std::vector<int> received;
  for (;;) {
    {
      test::driver polling;
      auto first = rx.recv();
      auto result = polling.poll(first);
      if (result.is_ready()) {
        if (!result.value()) break;
        received.push_back(*result.value());
      }
    }
    const std::optional<int> value = drive(rx.recv());
    if (!value) break;
    received.push_back(*value);
  }
  HEDDLE_CHECK(received == std::vector<int>({0, 1}));
  sending.join();
}

HEDDLE_TEST_WITH(mpsc_simulated, closed_is_ready_when_the_receiver_goes, every_operation(2000)) {
  auto [tx, rx] = mpsc::channel<int>(1);
  std::thread waiting([output = tx]() mutable { drive(output.closed()); });
  std::thread sending([output = std::move(tx)]() mutable {
    if (!drive(output.send(1)).has_value()) HEDDLE_CHECK(output.is_closed());
    // There is room for one: the second send waits for the drop, which it must hear of.
    HEDDLE_CHECK(!drive(output.send(2)).has_value());
  });
  {
    const auto dropped = std::move(rx);
  }
  waiting.join();
  sending.join();
}

// Tokio #8062: a length that is read while others send and receive.
HEDDLE_TEST_WITH(mpsc_simulated, the_length_is_never_more_than_was_sent, every_operation(3000)) {
  auto [tx, rx] = mpsc::channel<int>(2);
  std::thread sending([output = tx]() mutable {
    for (int i = 0; i < 3; ++i) HEDDLE_CHECK(drive(output.send(i)).has_value());
  });
  std::thread looking([&output = tx, &input = rx] {
    HEDDLE_CHECK(input.len() <= 2);
    HEDDLE_CHECK(output.capacity() <= 2);
  });
  for (int i = 0; i < 3; ++i) HEDDLE_CHECK(drive(rx.recv()) == i);
  sending.join();
  looking.join();
  HEDDLE_CHECK(rx.len() == 0);
  HEDDLE_CHECK(tx.capacity() == 2);
}

HEDDLE_TEST_WITH(mpsc_simulated, unbounded_values_arrive_once_and_in_order, every_operation(3000)) {
  std::atomic<int> alive = 0;
  {
    auto [tx, rx] = mpsc::unbounded<tracked>();
    const auto sends = [&alive](mpsc::unbounded_sender<tracked> output, int first) {
      for (int i = 0; i < 2; ++i) HEDDLE_CHECK(output.send(tracked(alive, first + i)).has_value());
    };
    std::thread one(sends, tx, 0);
    std::thread two(sends, std::move(tx), 100);
    std::array<int, 2> next{0, 100};
    while (const std::optional<tracked> value = drive(rx.recv())) {
      int& expected = next[value->number() < 100 ? 0 : 1];
      HEDDLE_CHECK(value->number() == expected);
      ++expected;
    }
    HEDDLE_CHECK(next[0] == 2 && next[1] == 102);
    one.join();
    two.join();
  }
  HEDDLE_CHECK(alive.load() == 0);
}

HEDDLE_TEST_WITH(mpsc_simulated, an_unbounded_receiver_dropped_at_any_moment_destroys_each_value_once,
                 every_operation(3000)) {
  std::atomic<int> alive = 0;
  {
    auto [tx, rx] = mpsc::unbounded<tracked>();
    std::thread sending([&, output = std::move(tx)]() mutable {
      for (int i = 0; i < 3; ++i) {
        const auto sent = output.send(tracked(alive, i));
        HEDDLE_CHECK(sent.has_value() || sent.error().value().number() == i);
      }
      const auto dropped = std::move(output);
    });
    {
      mpsc::unbounded_receiver<tracked> input = std::move(rx);
      if (check::choose(2) == 1) HEDDLE_CHECK(drive(input.recv())->number() == 0);
    }
    sending.join();
  }
  HEDDLE_CHECK(alive.load() == 0);
}

// Sends from 0 up until the next values come to lie in another block of memory.
int fill_block_but_two(mpsc::unbounded_sender<int>& output) {
  constexpr int sent = static_cast<int>(heddle::detail::message_block::count) - 2;
  for (int i = 0; i < sent; ++i) HEDDLE_CHECK(output.send(i).has_value());
  return sent;
}

HEDDLE_TEST_WITH(mpsc_simulated, two_senders_of_small_values_begin_the_next_block, every_operation(3000)) {
  auto [tx, rx] = mpsc::unbounded<int>();
  const int before = fill_block_but_two(tx);
  const auto sends = [](mpsc::unbounded_sender<int> output, int first) {
    for (int i = 0; i < 2; ++i) HEDDLE_CHECK(output.send(first + i).has_value());
  };
  std::thread one(sends, tx, 100);
  std::thread two(sends, std::move(tx), 200);
  int counted = 0;
  std::array<int, 3> next{0, 100, 200};
  while (const std::optional<int> value = drive(rx.recv())) {
    HEDDLE_CHECK(*value == next[static_cast<std::size_t>(*value / 100)]++);
    ++counted;
  }
  HEDDLE_CHECK(counted == before + 4);
  one.join();
  two.join();
}

HEDDLE_TEST_WITH(mpsc_simulated, a_receiver_of_small_values_dropped_at_any_moment_leaves_no_block_behind,
                 every_operation(3000)) {
  auto [tx, rx] = mpsc::unbounded<int>();
  const int before = fill_block_but_two(tx);
  std::thread sending([output = std::move(tx), before]() mutable {
    for (int i = before; i < before + 3; ++i) {
      const auto sent = output.send(i);
      HEDDLE_CHECK(sent.has_value() || sent.error().value() == i);
    }
    const auto dropped = std::move(output);
  });
  {
    mpsc::unbounded_receiver<int> input = std::move(rx);
    if (check::choose(2) == 1) HEDDLE_CHECK(drive(input.recv()) == 0);
  }
  sending.join();
}

}  // namespace
}  // namespace heddle
