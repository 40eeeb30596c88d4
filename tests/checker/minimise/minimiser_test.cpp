// Shrinking, on programs that are a few lines: threads that each do so many steps, and a rule that says which orders
// fail.
#include "minimise/minimiser.hpp"

#include "../strategies/point.hpp"
#include "strategies/generator.hpp"
#include "strategies/random.hpp"

#include <functional>
#include <vector>

#include <gtest/gtest.h>

namespace heddle::check {
namespace {

// A step of the toy: thread `thread` did its step number `number`, from 1, and answered `choice` in it.
struct step {
  sim::thread_id thread = 0;
  std::uint32_t number = 0;
  std::uint32_t choice = 0;
};
using failing_rule = std::function<bool(const std::vector<step>&)>;

// Threads that are there from the beginning, each of so many steps, with one choice of two in each step.
class toy {
 public:
  toy(std::uint32_t threads, std::uint32_t steps, failing_rule rule)
      : threads_(threads), steps_(steps), rule_(std::move(rule)) {}

  bool run(sim::decision_source& source, sim::event_observer* observer = nullptr) const {
    std::vector<step> done;
    std::vector<std::uint32_t> left(threads_, steps_);
    point_of point(threads_, 0);
    for (;;) {
      std::vector<sim::thread_id> able;
      for (sim::thread_id thread = 0; thread < threads_; ++thread) {
        if (left[thread] > 0) able.push_back(thread);
      }
      if (able.empty()) break;
      point.point.current_runnable = left[point.point.current] > 0;
      point.only(able);
      const sim::thread_id chosen = source.choose_thread(point.point);
      point.point.current = chosen;
      --left[chosen];
      const std::uint32_t number = steps_ - left[chosen];
      done.push_back({chosen, number, source.choose(sim::choice_kind::test, 2)});
      // Every step writes an object of its own number.
      if (observer != nullptr)
        observer->on_event({.pc = 0,
                            .object = number,
                            .thread = static_cast<std::uint16_t>(chosen),
                            .kind = sim::operation_kind::atomic_store},
                           0);
    }
    return rule_(done);
  }

  // A failing schedule of the random strategy.
  plan failing(schedule_cost& cost) const {
    random_strategy strategy(1);
    for (std::uint64_t index = 0;; ++index) {
      EXPECT_TRUE(strategy.begin(index));
      logging_source source(strategy);
      if (!run(source)) continue;
      cost = source.log().cost();
      return source.log().take_plan();
    }
  }

  minimiser shrinker(std::uint64_t runs_max = 2000) const {
    schedule_cost cost;
    plan found = failing(cost);
    return {std::move(found), cost,
            [this](planned_source& source, sim::event_observer* observer) {
              return run(source, observer) ? verdict::same : verdict::passed;
            },
            runs_max, [] { return true; }};
  }

 private:
  const std::uint32_t threads_;
  const std::uint32_t steps_;
  const failing_rule rule_;
};

std::size_t position_of(const std::vector<step>& done, sim::thread_id thread, std::uint32_t number) {
  std::size_t at = 0;
  while (done[at].thread != thread || done[at].number != number) ++at;
  return at;
}

// Thread 1 does its third step between the fifth and the sixth of thread 0.
bool in_between(const std::vector<step>& done) {
  const std::size_t at = position_of(done, 1, 3);
  return position_of(done, 0, 5) < at && at < position_of(done, 0, 6);
}

TEST(Plan, OfAScheduleBringsItBack) {
  const toy program(4, 50, [](const std::vector<step>&) { return true; });
  random_strategy strategy(9);
  for (std::uint64_t index = 0; index < 50; ++index) {
    ASSERT_TRUE(strategy.begin(index));
    logging_source source(strategy);
    program.run(source);
    const decision_record recorded = source.log().record();
    const schedule_cost cost = source.log().cost();
    const plan wanted = source.log().take_plan();
    planned_source planned(wanted);
    program.run(planned);
    EXPECT_EQ(planned.log().record(), recorded);
    EXPECT_EQ(planned.log().cost(), cost);
  }
}

TEST(Plan, OfNothingIsTheUsualSchedule) {
  const toy program(3, 5, [](const std::vector<step>&) { return true; });
  const plan nothing;
  planned_source source(nothing);
  program.run(source);
  EXPECT_EQ(source.log().cost(), schedule_cost{});
}

TEST(Minimiser, LeavesOnlyThePreemptionThatIsNeeded) {
  const toy program(3, 40, in_between);
  minimiser shrinker = program.shrinker();
  shrinker.shrink();
  EXPECT_EQ(shrinker.cost(), (schedule_cost{.preemptions = 1, .unusual = 0}));
  EXPECT_EQ(shrinker.best().choices.size(), 0U);
  EXPECT_LE(shrinker.best().turns.size(), 2U);
}

TEST(Minimiser, LeavesOnlyTheChoiceThatIsNeeded) {
  const toy program(2, 30, [](const std::vector<step>& done) {
    return done[position_of(done, 1, 7)].choice == 1 && done[position_of(done, 0, 20)].choice == 1;
  });
  minimiser shrinker = program.shrinker();
  shrinker.shrink();
  EXPECT_EQ(shrinker.cost(), (schedule_cost{.preemptions = 0, .unusual = 2}));
  EXPECT_EQ(shrinker.best().turns.size(), 0U);
}

TEST(Minimiser, TakesBelow2000RunsForTenThousandDecisions) {
  const toy program(4, 1250, in_between);
  minimiser shrinker = program.shrinker();
  shrinker.shrink();
  EXPECT_EQ(shrinker.cost(), (schedule_cost{.preemptions = 1, .unusual = 0}));
  EXPECT_LT(shrinker.runs(), 2000U);
  RecordProperty("runs", static_cast<int>(shrinker.runs()));
}

TEST(Minimiser, KeepsWhatItHasWhenItsRunsAreUsedUp) {
  const toy program(3, 40, in_between);
  minimiser shrinker = program.shrinker(5);
  shrinker.shrink();
  EXPECT_EQ(shrinker.runs(), 5U);
  planned_source source(shrinker.best());
  EXPECT_TRUE(program.run(source));
}

// What is tried out passes, and nothing else than the original fails.
TEST(Minimiser, NamesTheTwoOperationsWhoseOrderDecides) {
  // Fails when thread 1 writes object 6 before thread 0 does, and after thread 0's fifth.
  const toy program(2, 10, [](const std::vector<step>& done) {
    const std::size_t at = position_of(done, 1, 6);
    return position_of(done, 0, 5) < at && at < position_of(done, 0, 6);
  });
  minimiser shrinker = program.shrinker();
  shrinker.shrink();
  const auto found = shrinker.find_deciding();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->first.thread, 1U);
  EXPECT_EQ(found->second.thread, 0U);
  EXPECT_EQ(found->first.object, 6U);
  EXPECT_EQ(found->second.object, 6U);
}

// Any earlier preemption fails as well: that of the two operations is the last one.
TEST(Minimiser, PutsThePreemptionOffToTheOperationThatItMustComeBefore) {
  const toy program(2, 10, [](const std::vector<step>& done) {
    const std::size_t at = position_of(done, 1, 6);
    return position_of(done, 0, 1) < at && at < position_of(done, 0, 6);
  });
  minimiser shrinker = program.shrinker();
  shrinker.shrink();
  const auto found = shrinker.find_deciding();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->first.object, 6U);
  EXPECT_EQ(found->second.object, 6U);
}

// The operations next to the preemption are on one object, but their order is not what fails.
TEST(Minimiser, NamesNoOperationsWhoseOtherOrderFailsToo) {
  const toy program(2, 10, [](const std::vector<step>& done) {
    const std::size_t at = position_of(done, 1, 6);
    return position_of(done, 0, 7) < at && at < position_of(done, 0, 9);
  });
  minimiser shrinker = program.shrinker();
  shrinker.shrink();
  EXPECT_FALSE(shrinker.find_deciding());
}

// Rules without sense: fewer parts may need more preemptions.
TEST(Minimiser, NeverEndsFartherFromTheUsualScheduleThanItBegan) {
  for (std::uint64_t rule = 0; rule < 60; ++rule) {
    const toy program(3, 4, [rule](const std::vector<step>& done) {
      std::uint64_t hash = rule;
      for (const step& one : done) hash = mix(hash + one.thread * 2 + one.choice);
      return hash % 4 == 0;
    });
    schedule_cost begun;
    static_cast<void>(program.failing(begun));
    minimiser shrinker = program.shrinker();
    shrinker.shrink();
    EXPECT_LE(shrinker.cost(), begun) << "rule " << rule;
    planned_source source(shrinker.best());
    EXPECT_TRUE(program.run(source)) << "rule " << rule;
    EXPECT_EQ(source.log().cost(), shrinker.cost()) << "rule " << rule;
  }
}

TEST(Minimiser, NamesNoOperationsWhereChoicesDecide) {
  const toy program(2, 10, [](const std::vector<step>& done) { return done[position_of(done, 1, 7)].choice == 1; });
  minimiser shrinker = program.shrinker();
  shrinker.shrink();
  EXPECT_FALSE(shrinker.find_deciding());
}

}  // namespace
}  // namespace heddle::check
