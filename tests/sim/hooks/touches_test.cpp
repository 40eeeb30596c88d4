// What an observer is told of code whose operations are no points: the runtime's, and at granularity::task all code.
#include "../support.hpp"

#include <heddle/hooks.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heddle::sim::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct touches {
  std::vector<std::pair<operation_kind, std::uintptr_t>> all;
  std::uintptr_t locked = 0;  // the object of the last event of a lock

  std::vector<operation_kind> kinds() const {
    std::vector<operation_kind> result;
    for (const auto& [kind, object] : all) result.push_back(kind);
    return result;
  }
  std::size_t objects() const {
    std::set<std::uintptr_t> seen;
    for (const auto& [kind, object] : all) seen.insert(object);
    return seen.size();
  }
};

class touch_observer final : public event_observer {
 public:
  explicit touch_observer(bool from_the_beginning) : wanted(from_the_beginning) {}

  void on_event(const event& what, std::uintptr_t object) noexcept override {
    if (what.kind == operation_kind::mutex_lock) seen.locked = object;
  }
  bool wants_touches() const noexcept override { return wanted; }
  void on_touch(operation_kind kind, std::uintptr_t object) noexcept override { seen.all.emplace_back(kind, object); }

  touches seen;
  bool wanted;
};

template <typename Body>
touches touches_of(granularity level, Body body, bool wanted = true) {
  touch_observer observer(wanted);
  machine on({.level = level});
  patient_source source;
  EXPECT_EQ(first_message(on.run(source, body, &observer)), "");
  return observer.seen;
}

void use_words() {
  std::atomic<int> word{0};
  word.load();
  word.store(1);
  word.store(1);
  word.fetch_add(0);
  word.exchange(2);
  int expected = 7;
  word.compare_exchange_strong(expected, 8);
  expected = 2;
  word.compare_exchange_strong(expected, 8);
}

constexpr auto looked = operation_kind::atomic_load;
constexpr auto changed = operation_kind::atomic_update;

void trusted(void (*work)()) {
  const hooks::operation_scope scope(hooks::operation::other);
  work();
}

TEST(Touches, of_trusted_code_are_told_and_those_of_the_users_are_points) {
  EXPECT_THAT(touches_of(granularity::sync, [] { use_words(); }).kinds(), IsEmpty());
  const touches seen = touches_of(granularity::sync, [] { trusted(&use_words); });
  EXPECT_THAT(seen.kinds(), ElementsAre(looked, changed, looked, looked, changed, looked, changed));
  EXPECT_EQ(seen.objects(), 1U);
}

TEST(Touches, of_nobody_are_told_where_the_runtime_is_tested) {
  EXPECT_THAT(touches_of(granularity::runtime, [] { trusted(&use_words); }).kinds(), IsEmpty());
}

TEST(Touches, are_told_to_who_wants_them_only) {
  EXPECT_THAT(touches_of(granularity::sync, [] { trusted(&use_words); }, false).kinds(), IsEmpty());
}

// The observer changes its mind at every decision.
TEST(Touches, are_told_from_the_decision_on_after_which_they_are_wanted) {
  class turning_source final : public decision_source {
   public:
    explicit turning_source(touch_observer& observer) : observer_(observer) {}

    bool wants_every_point() const noexcept override { return true; }
    thread_id choose_thread(const scheduling_point& point) noexcept override {
      observer_.wanted = !observer_.wanted;
      return point.runnable.front();
    }
    std::uint32_t choose(choice_kind, std::uint32_t) noexcept override { return 0; }

   private:
    touch_observer& observer_;
  };
  touch_observer observer(true);
  turning_source source(observer);
  machine on({.level = granularity::sync});
  // Trusted code begins with a decision.
  const auto body = [] {
    static std::atomic<int> word{0};
    trusted([] { word.load(); });
    trusted([] { word.fetch_add(1); });
    trusted([] { word.load(); });
  };
  EXPECT_EQ(first_message(on.run(source, body, &observer)), "");
  EXPECT_THAT(observer.seen.kinds(), ElementsAre(changed));
}

TEST(Touches, do_not_change_what_happens) {
  const auto hash = [](bool wanted) {
    touch_observer observer(wanted);
    machine on({.level = granularity::sync, .weak_memory = true, .races = true});
    patient_source source;
    return on
        .run(
            source,
            [] {
              trusted(&use_words);
              use_words();
            },
            &observer)
        .event_hash;
  };
  EXPECT_EQ(hash(true), hash(false));
}

TEST(Touches, at_granularity_task_are_those_of_all_code_plain_accesses_included) {
  static long plain[3];
  const touches seen = touches_of(granularity::task, [] {
    volatile long* const at = plain;
    at[0] = at[2];
    std::atomic_ref(plain[1]).store(5);
    plain[1] = 0;
  });
  EXPECT_THAT(seen.kinds(), ElementsAre(operation_kind::memory_read, operation_kind::memory_write, changed,
                                        operation_kind::memory_write));
  EXPECT_EQ(seen.objects(), 3U) << "the atomic operation and the plain one are to one word";
}

// At every level a lock is the same object to those who are told of it and to those who see its event.
TEST(Touches, of_locks_and_conditions_in_trusted_code_are_told) {
  const touches seen = touches_of(granularity::sync, [] {
    static std::mutex lock;
    static std::condition_variable changes;
    trusted([] {
      const std::lock_guard held(lock);
      changes.notify_one();
    });
    const std::lock_guard held(lock);
  });
  EXPECT_THAT(seen.kinds(),
              ElementsAre(operation_kind::mutex_lock, operation_kind::condition_notify, operation_kind::mutex_unlock));
  EXPECT_EQ(seen.all.front().second, seen.locked);
}

}  // namespace
}  // namespace heddle::sim::testing
