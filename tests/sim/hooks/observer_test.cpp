// The third door: what a runtime tells through the hooks. The test plays the runtime.
#include "../support.hpp"

#include <heddle/hooks.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace heddle::sim::testing {
namespace {

class counting_observer final : public event_observer {
 public:
  void on_event(const event& what, std::uintptr_t) noexcept override {
    polls += what.kind == operation_kind::task_poll ? 1 : 0;
    operations += what.kind == operation_kind::runtime_operation ? 1 : 0;
  }
  int polls = 0;
  int operations = 0;
};

// Two threads that each load and store a counter inside what `Scope` makes of it; the outcomes seen.
template <typename Scopes>
std::set<int> outcomes_of_load_and_store(granularity level, Scopes scopes) {
  std::set<int> outcomes;
  machine_options options;
  options.level = level;
  run_schedules(
      100,
      [&] {
        std::atomic<int> counter{0};
        const auto add = [&] { scopes([&] { counter.store(counter.load() + 1); }); };
        std::thread one(add);
        std::thread two(add);
        one.join();
        two.join();
        const int result = counter.load();
        const host_scope host;
        outcomes.insert(result);
      },
      options);
  return outcomes;
}

TEST(Hooks, nothing_interleaves_inside_a_trusted_operation) {
  const auto trusted = [](auto work) {
    const hooks::operation_scope scope(hooks::operation::other);
    work();
  };
  EXPECT_EQ(outcomes_of_load_and_store(granularity::sync, trusted), (std::set<int>{2}));
}

TEST(Hooks, granularity_runtime_does_not_trust) {
  const auto trusted = [](auto work) {
    const hooks::operation_scope scope(hooks::operation::other);
    work();
  };
  EXPECT_EQ(outcomes_of_load_and_store(granularity::runtime, trusted), (std::set<int>{1, 2}));
}

TEST(Hooks, user_code_called_by_the_runtime_is_not_trusted) {
  const auto called_back = [](auto work) {
    const hooks::operation_scope scope(hooks::operation::other);
    const hooks::user_code_scope user;
    work();
  };
  EXPECT_EQ(outcomes_of_load_and_store(granularity::sync, called_back), (std::set<int>{1, 2}));
}

TEST(Hooks, trust_belongs_to_the_thread_and_survives_blocking) {
  const summary all = run_schedules(100, [] {
    std::mutex mutex;
    std::atomic<int> inside{0};
    const auto enter = [&] {
      const hooks::operation_scope scope(hooks::operation::other);
      const std::lock_guard lock(mutex);
      check(inside.fetch_add(1) == 0, "two threads are inside");
      std::this_thread::sleep_for(std::chrono::seconds{1});
      inside.fetch_sub(1);
    };
    std::thread one(enter);
    std::thread two(enter);
    one.join();
    two.join();
  });
  EXPECT_EQ(all.failed, 0u);
}

// Counts the threads that it finds before an operation of trusted code, and before any lock.
class trust_source final : public decision_source {
 public:
  thread_id choose_thread(const scheduling_point& point) noexcept override {
    for (const thread_id one : point.runnable) {
      if (point.next[one].is_trusted) ++trusted;
      if (point.next[one].kind == operation_kind::mutex_lock) ++locks;
    }
    return point.runnable.front();
  }
  std::uint32_t choose(choice_kind, std::uint32_t) noexcept override { return 0; }
  int trusted = 0;
  int locks = 0;
};

// A wait that is over, told by a thread that goes on to do something else.
template <typename Scope>
void told_of_a_wait(trust_source& source) {
  machine on({});
  on.run(source, [] {
    std::mutex mutex;
    std::condition_variable changed;
    std::atomic<bool> is_set{false};
    std::thread waiting([&] {
      const hooks::operation_scope whole(hooks::operation::other);
      const Scope scope;
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return is_set.load(); });
    });
    std::this_thread::sleep_for(std::chrono::seconds{1});
    is_set.store(true);
    changed.notify_one();
    is_set.store(true);
    waiting.join();
  });
}

TEST(Hooks, the_source_is_told_what_goes_on_after_a_wait_in_trusted_code) {
  struct nothing {
    nothing() noexcept {}
  };
  trust_source trusted;
  told_of_a_wait<nothing>(trusted);
  EXPECT_GT(trusted.trusted, 0);
  trust_source users;
  told_of_a_wait<hooks::user_code_scope>(users);
  EXPECT_GT(users.locks, 0);
  EXPECT_EQ(users.trusted, 0);
}

TEST(Hooks, every_operation_and_every_poll_is_an_event_and_a_point) {
  machine on({});
  seeded_source source(1);
  counting_observer seen;
  const execution_result& result = on.run(
      source,
      [] {
        const int task = 0;
        const hooks::task_number number = hooks::task_spawned(&task, "one", {});
        for (int i = 0; i < 3; ++i) {
          {
            const hooks::operation_scope scope(hooks::operation::spawn, &task);
          }
          const hooks::poll_scope poll(&task, number);
        }
        hooks::task_ended(&task, hooks::task_end::completed);
        const hooks::poll_scope late(&task, number);
      },
      &seen);
  EXPECT_EQ(seen.polls, 3) << "an operation on the task's own address must not hide it, and its end must";
  EXPECT_EQ(seen.operations, 3);
  EXPECT_EQ(result.steps, 6u);
}

TEST(Hooks, a_task_that_wakes_itself_while_polled_is_no_point) {
  machine on({});
  seeded_source source(1);
  counting_observer seen;
  on.run(
      source,
      [] {
        const int task = 0;
        const int other = 0;
        const hooks::poll_scope poll(&task, hooks::task_spawned(&task, nullptr, {}));
        {
          const hooks::wake_scope scope(&task);
        }
        {
          const hooks::wake_scope scope(&other);
        }
      },
      &seen);
  EXPECT_EQ(seen.operations, 1);
}

TEST(Hooks, a_poll_is_user_code_and_the_scope_of_a_wake_is_not) {
  const auto polled = [](auto work) {
    const hooks::operation_scope scope(hooks::operation::other);
    const int task = 0;
    const hooks::poll_scope poll(&task, hooks::task_spawned(&task, nullptr, {}));
    work();
  };
  EXPECT_EQ(outcomes_of_load_and_store(granularity::sync, polled), (std::set<int>{1, 2}));
  const auto woken = [](auto work) {
    const int task = 0;
    const hooks::wake_scope scope(&task);
    work();
  };
  EXPECT_EQ(outcomes_of_load_and_store(granularity::sync, woken), (std::set<int>{2}));
}

TEST(Hooks, a_number_is_of_no_use_for_another_task) {
  machine on({});
  seeded_source source(1);
  counting_observer seen;
  on.run(
      source,
      [] {
        const int task = 0;
        const int other = 0;
        const hooks::task_number number = hooks::task_spawned(&task, nullptr, {});
        const hooks::poll_scope of_another(&other, number);
        const hooks::poll_scope of_none(&task, number + 1);
        const hooks::poll_scope unobserved(&task, 0);
      },
      &seen);
  EXPECT_EQ(seen.polls, 0);
}

TEST(Hooks, a_deadlock_shows_each_task_and_the_chain_of_its_awaits) {
  const execution_result result = run_once([] {
    const int waiting = 0;
    const int queued = 0;
    const int done = 0;
    const int mutex = 0;
    const hooks::task_number number =
        hooks::task_spawned(&waiting, "waiting", {.file = "spawn.cpp", .function = "spawner", .line = 3});
    hooks::task_spawned(&queued, "queued", {});
    hooks::task_spawned(&done, "done", {});
    hooks::task_ended(&done, hooks::task_end::completed);
    {
      const hooks::poll_scope poll(&waiting, number);
      hooks::await_begins({.file = "a.cpp", .function = "outer", .line = 1});
      hooks::await_begins({.file = "a.cpp", .function = "over before", .line = 2});
      hooks::await_ends();
      hooks::await_begins({.file = "b.cpp", .function = "inner", .line = 9});
      hooks::blocked_on("sync::mutex", &mutex);
      hooks::waker_made(&waiting, number);
    }
    std::atomic<bool> never{false};
    never.wait(false);
  });
  ASSERT_EQ(result.failures.size(), 1u);
  EXPECT_EQ(result.failures[0].kind, failure_kind::deadlock);
  const std::vector<task_state>& tasks = result.failures[0].tasks;
  ASSERT_EQ(tasks.size(), 2u);
  EXPECT_EQ(tasks[0].name, "waiting");
  EXPECT_EQ(tasks[0].spawned_at.line, 3u);
  EXPECT_NE(tasks[0].waiting_for.find("sync::mutex"), std::string::npos);
  ASSERT_EQ(tasks[0].awaiting.size(), 2u);
  EXPECT_STREQ(tasks[0].awaiting[0].function, "outer");
  EXPECT_STREQ(tasks[0].awaiting[1].function, "inner");
  EXPECT_TRUE(tasks[1].queued);
}

TEST(Hooks, choices_of_the_runtime_are_decisions) {
  std::set<std::uint32_t> seen;
  machine on({});
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    seeded_source source(seed);
    std::uint32_t answer = 0;
    on.run(source, [&] { answer = hooks::choose(hooks::choice::steal_victim, 3, 7); });
    seen.insert(answer);
  }
  EXPECT_EQ(seen, (std::set<std::uint32_t>{0, 1, 2}));
}

TEST(Hooks, outside_an_execution_they_do_nothing) {
  const int task = 0;
  EXPECT_EQ(hooks::task_spawned(&task, "one", {}), 0u);
  const hooks::poll_scope poll(&task, 0);
  const hooks::wake_scope scope(&task);
  EXPECT_EQ(hooks::choose(hooks::choice::steal_victim, 3, 2), 2u);
}

// A block whose header lives on when what stands behind it is over.
struct headed {
  std::uint64_t header = 0;
  std::uint64_t body[4] = {};
};

TEST(Hooks, retired_bytes_may_not_be_used_and_their_neighbours_may) {
  const auto after_retiring = [](auto use) {
    return first_message(run_once([&] {
      const auto block = std::make_unique<headed>();
      hooks::memory_retired(block->body, sizeof block->body);
      use(*block);
      hooks::memory_restored(block->body, sizeof block->body);
    }));
  };
  EXPECT_EQ(after_retiring([](headed& block) { ++block.header; }), "");
  EXPECT_NE(after_retiring([](headed& block) { ++block.body[1]; }).find("after the memory was freed: 16 bytes into"),
            std::string::npos);
}

TEST(Hooks, restored_bytes_may_be_used) {
  const execution_result result = run_once([] {
    const auto block = std::make_unique<headed>();
    hooks::memory_retired(block.get(), sizeof *block);
    hooks::memory_restored(block->body, sizeof block->body);
    block->body[3] = 1;
    hooks::memory_restored(block.get(), sizeof *block);
  });
  EXPECT_EQ(first_message(result), "");
}

// Two threads with no order between them: one uses the body, and retires it if it is to; the other frees the block
// later.
summary freed_by_another(bool is_retired) {
  machine_options options;
  options.races = true;
  return run_schedules(
      50,
      [is_retired] {
        auto* const block = new headed;
        std::atomic<bool> is_over = false;
        std::thread user([&] {
          block->body[0] = 1;
          if (is_retired) hooks::memory_retired(block->body, sizeof block->body);
          is_over.store(true, std::memory_order_relaxed);
        });
        while (!is_over.load(std::memory_order_relaxed)) std::this_thread::yield();
        delete block;
        user.join();
      },
      options);
}

TEST(Hooks, who_frees_a_block_needs_no_order_with_the_users_of_its_retired_bytes) {
  EXPECT_GT(freed_by_another(false).failed, 0u);
  EXPECT_EQ(freed_by_another(true).failed, 0u);
}

TEST(Hooks, to_retire_bytes_that_another_thread_uses_is_a_race) {
  machine_options options;
  options.races = true;
  const summary all = run_schedules(
      50,
      [] {
        const auto block = std::make_unique<headed>();
        std::thread user([&] { ++block->body[0]; });
        hooks::memory_retired(block->body, sizeof block->body);
        user.join();
        hooks::memory_restored(block->body, sizeof block->body);
      },
      options);
  EXPECT_EQ(all.failed, 50u);
}

}  // namespace
}  // namespace heddle::sim::testing
