// Wakers: references, waking, comparing.
#include "heddle/runtime/waker.hpp"

#include "counting_waker.hpp"

#include <utility>

#include <gtest/gtest.h>

namespace heddle {
namespace {

TEST(waker, clone_and_drop_balance_the_references) {
  test::counting_waker counter;
  {
    const waker first = counter.make();
    const waker second = first.clone();
    EXPECT_EQ(counter.references(), 2);
  }
  EXPECT_EQ(counter.references(), 0);
  EXPECT_EQ(counter.wakes(), 0);
}

TEST(waker, wake_consumes_the_reference) {
  test::counting_waker counter;
  waker first = counter.make();
  std::move(first).wake();
  EXPECT_EQ(counter.wakes(), 1);
  EXPECT_EQ(counter.references(), 0);
  EXPECT_FALSE(static_cast<bool>(first));
}

TEST(waker, wake_by_ref_keeps_the_reference) {
  test::counting_waker counter;
  const waker first = counter.make();
  first.wake_by_ref();
  first.wake_by_ref();
  EXPECT_EQ(counter.wakes(), 2);
  EXPECT_EQ(counter.references(), 1);
}

TEST(waker, move_assignment_drops_what_was_there) {
  test::counting_waker one;
  test::counting_waker two;
  waker first = one.make();
  first = two.make();
  EXPECT_EQ(one.references(), 0);
  EXPECT_EQ(two.references(), 1);
}

TEST(waker, will_wake_tells_tasks_apart) {
  test::counting_waker one;
  test::counting_waker two;
  const waker first = one.make();
  const waker same = first.clone();
  const waker other = two.make();
  EXPECT_TRUE(first.will_wake(same));
  EXPECT_FALSE(first.will_wake(other));
}

TEST(waker_death, an_empty_waker_cannot_wake) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(waker().wake_by_ref(), "an empty waker cannot wake");
}

}  // namespace
}  // namespace heddle
