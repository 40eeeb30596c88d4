// A data race of two tasks: both append to one vector.
//
// Nothing orders the two, so the program is wrong in every schedule, also in those where one worker runs one task after
// the other and every number is right. heddle compares what the program orders, not what happened to come first, and
// reports the race in the first schedule, with both places. The fix is a mutex that belongs to the data.
#include <heddle/gtest.hpp>
#include <heddle/runtime.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace {

using journal = std::vector<int>;

heddle::task<> note(std::shared_ptr<journal> entries, int entry) {
  entries->push_back(entry);
  co_return;
}

HEDDLE_ASYNC_TEST(DataRace, Broken) {
  auto entries = std::make_shared<journal>();
  auto first = heddle::spawn(note(entries, 1));
  auto second = heddle::spawn(note(entries, 2));
  EXPECT_TRUE(co_await first);
  EXPECT_TRUE(co_await second);
  EXPECT_EQ(entries->size(), 2u);
}

using shared_journal = heddle::sync::mutex<journal>;

heddle::task<> note_under_lock(std::shared_ptr<shared_journal> entries, int entry) {
  auto held = co_await entries->lock();
  held->push_back(entry);
}

HEDDLE_ASYNC_TEST(DataRace, Fixed) {
  auto entries = std::make_shared<shared_journal>(journal{});
  auto first = heddle::spawn(note_under_lock(entries, 1));
  auto second = heddle::spawn(note_under_lock(entries, 2));
  EXPECT_TRUE(co_await first);
  EXPECT_TRUE(co_await second);
  auto held = co_await entries->lock();
  EXPECT_EQ(held->size(), 2u);
}

}  // namespace
