// The use of freed memory as a finding: what a report says of it, and that the corrected programs pass.
#include "explore_on_workers.hpp"
#include "heddle/gtest.hpp"
#include "heddle/runtime.hpp"

#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using heddle::task;
using heddle::check::explore;
using heddle::check::finding_kind;
using heddle::check::options;
using heddle::check::report;
using heddle::check::testing::explore_on_workers;
using testing::ContainsRegex;
using testing::HasSubstr;

struct session {
  int requests = 0;
};

[[gnu::noinline]] std::shared_ptr<session> open_session() {
  return std::make_shared<session>();
}
[[gnu::noinline]] void handle_request(session* one) {
  ++one->requests;
}
[[gnu::noinline]] void close_session(std::shared_ptr<session>& one) {
  one.reset();
}

template <bool Fixed>
void serve() {
  std::shared_ptr<session> one = open_session();
  std::thread worker([raw = one.get(), kept = Fixed ? one : nullptr] { handle_request(raw); });
  close_session(one);
  worker.join();
}

TEST(FreedMemory, IsFoundWithThePlacesOfTheUseTheFreeAndTheAllocation) {
  const report result = explore(options{.races = false}, serve<false>);
  ASSERT_TRUE(result.failed());
  ASSERT_EQ(result.findings.size(), 1U) << result.text();
  EXPECT_EQ(result.findings[0].kind, finding_kind::use_after_free);
  EXPECT_EQ(result.findings[0].stacks.size(), 3U);
  const std::string text = result.text();
  EXPECT_THAT(text, HasSubstr("use-after-free in "));
  EXPECT_THAT(text,
              ContainsRegex("(read|write) of 4 bytes after the memory was freed: 16 bytes into a block of 24 bytes"));
  EXPECT_THAT(text, ContainsRegex("stack of thread 1:\n[^:]*freed_memory_explore_test.cpp:[0-9]+  handle_request"));
  EXPECT_THAT(text, HasSubstr("stack of thread 0, where it freed the block:"));
  EXPECT_THAT(text, HasSubstr("close_session"));
  EXPECT_THAT(text, HasSubstr("stack of thread 0, where it allocated it:"));
  EXPECT_THAT(text, HasSubstr("open_session"));
}

TEST(FreedMemory, PassesTheProgramThatKeepsItsReference) {
  const report result = explore(options{}, serve<true>);
  EXPECT_FALSE(result.failed()) << result.text();
}

TEST(FreedMemory, IsFoundInTheScheduleTheTokenNames) {
  const report result = explore(options{.schedules = 200, .seed = 7}, serve<false>);
  ASSERT_TRUE(result.failed());
  EXPECT_EQ(result.findings[0].token.empty(), false);
  const report again = explore(options{.schedules = 200, .seed = 7}, serve<false>);
  EXPECT_EQ(again.findings.at(0).event_hash, result.findings[0].event_hash);
  EXPECT_EQ(again.findings.at(0).message, result.findings[0].message);
}

template <bool Fixed>
void drop_twice() {
  void* const block = malloc(40);
  std::atomic<bool> dropped{false};
  const auto drop = [&] {
    if (Fixed ? dropped.exchange(true) : dropped.load()) return;
    dropped.store(true);
    free(block);
  };
  std::thread one(drop);
  drop();
  one.join();
}

TEST(FreedMemory, FreedTwiceInSomeSchedulesIsFoundAndFreedByTheFirstAlonePasses) {
  const report broken = explore(options{}, drop_twice<false>);
  ASSERT_TRUE(broken.failed());
  EXPECT_EQ(broken.findings[0].kind, finding_kind::use_after_free);
  EXPECT_EQ(broken.findings[0].message, "double free: at the start of a block of 40 bytes");
  const report fixed = explore(options{}, drop_twice<true>);
  EXPECT_FALSE(fixed.failed()) << fixed.text();
}

// ---------------------------------------------------------------- of tasks

// The lock orders the two tasks, and what one remembers across its await is gone all the same.
using guarded_list = std::shared_ptr<heddle::sync::mutex<std::vector<int>>>;

task<> remembers_an_element(guarded_list list) {
  int* first = nullptr;
  {
    auto held = co_await list->lock();
    if (!held->empty()) first = &held->front();
  }
  co_await heddle::yield_now();
  auto held = co_await list->lock();
  if (first != nullptr) *first = 2;
}
task<> looks_for_it_again(guarded_list list) {
  co_await heddle::yield_now();
  auto held = co_await list->lock();
  if (!held->empty()) held->front() = 2;
}
task<> takes_all(guarded_list list) {
  std::vector<int> taken;
  auto held = co_await list->lock();
  taken.swap(*held);
}
template <task<> (*User)(guarded_list)>
task<> beside_who_takes_all() {
  auto list = std::make_shared<heddle::sync::mutex<std::vector<int>>>(std::vector<int>(3, 1));
  auto user = heddle::spawn_named("user", User(list));
  auto taker = heddle::spawn(takes_all(list));
  co_await user;
  co_await taker;
}

TEST(FreedMemory, OfOneTaskThatAnotherFreedIsFoundAndLookedForAgainItPasses) {
  const report broken = explore_on_workers(beside_who_takes_all<remembers_an_element>);
  ASSERT_EQ(broken.findings.size(), 1U) << broken.text();
  EXPECT_EQ(broken.findings[0].kind, finding_kind::use_after_free) << broken.text();
  EXPECT_THAT(broken.text(), HasSubstr("spawn of task 2 (user)")) << broken.text();
  EXPECT_THAT(broken.text(), ContainsRegex("stack of task 2, on thread [0-9]+:\n[^:]*:[0-9]+  remembers_an_element"));
  EXPECT_THAT(broken.text(), HasSubstr("where it freed the block:"));
  EXPECT_THAT(broken.text(), HasSubstr("takes_all"));
  EXPECT_THAT(broken.text(), HasSubstr("where it allocated it:"));
  const report fixed = explore_on_workers(beside_who_takes_all<looks_for_it_again>);
  EXPECT_FALSE(fixed.failed()) << fixed.text();
}

}  // namespace
