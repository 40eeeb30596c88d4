// A deadlock of two mutexes, taken in opposite orders. Nothing here knows of heddle but the test macro.
//
// The first transfer locks A and then B, the second B and then A. When each has taken its first lock, neither gets its
// second. The fix is std::scoped_lock, which takes both without holding one while it waits for the other.
#include <heddle/gtest.hpp>

#include <mutex>
#include <thread>

namespace {

struct account {
  explicit account(int initial) : balance(initial) {}

  std::mutex guard;
  int balance;
};

void transfer_one_by_one(account& from, account& to, int amount) {
  const std::lock_guard<std::mutex> first(from.guard);
  const std::lock_guard<std::mutex> second(to.guard);
  from.balance -= amount;
  to.balance += amount;
}

void transfer_both_at_once(account& from, account& to, int amount) {
  const std::scoped_lock both(from.guard, to.guard);
  from.balance -= amount;
  to.balance += amount;
}

// Two transfers in opposite directions, at the same time.
template <typename Transfer>
void cross_over(Transfer transfer) {
  account a(100);
  account b(100);
  std::thread there([&] { transfer(a, b, 30); });
  std::thread back([&] { transfer(b, a, 20); });
  there.join();
  back.join();
  EXPECT_EQ(a.balance, 90);
  EXPECT_EQ(b.balance, 110);
}

HEDDLE_TEST(AbbaDeadlock, Broken) {
  cross_over(transfer_one_by_one);
}

HEDDLE_TEST(AbbaDeadlock, Fixed) {
  cross_over(transfer_both_at_once);
}

}  // namespace
