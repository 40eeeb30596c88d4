// What is left behind for ever: found when nothing leads to it, and only then.
#include "../support.hpp"

#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <semaphore.h>

namespace heddle::sim::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

machine_options with_leaks() {
  machine_options options;
  options.leaks = true;
  return options;
}

template <typename Body>
execution_result run_for_leaks(Body body) {
  return run_once(body, 1, with_leaks());
}

template <typename Body>
void expect_sound(Body body) {
  const summary all = run_schedules(20, body, with_leaks());
  EXPECT_EQ(all.failed, 0U) << all.failures.at(0).message;
}

struct node {
  node* next = nullptr;
  std::uint64_t value = 0;
};

// Allocates out of sight, so that no copy of the address stays behind in a register or on the stack.
[[gnu::noinline]] node* make_node(node* next = nullptr) {
  return new node{.next = next};
}
[[gnu::noinline]] void lose(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) static_cast<void>(make_node()->value);
}

// Volatile: they are written to, whether somebody reads them or not.
thread_local node* volatile thread_own;
volatile std::uint64_t word;
struct [[gnu::packed]] event {
  std::uint32_t events;
  void* data;
};
volatile event packed[2];

// ---------------------------------------------------------------- caught

TEST(MemoryLeak, is_found_with_the_place_of_the_allocation) {
  const execution_result result = run_for_leaks([] { lose(1); });
  ASSERT_THAT(result.failures, SizeIs(1));
  const failure& found = result.failures[0];
  EXPECT_EQ(found.kind, failure_kind::memory_leak);
  EXPECT_EQ(found.message, "a block of 16 bytes is leaked: nothing leads to it when the execution ends");
  ASSERT_THAT(found.related, SizeIs(1));
  EXPECT_EQ(found.related[0].title, "thread 0, where it allocated a block of 16 bytes");
  EXPECT_FALSE(found.related[0].stack.empty());
}

TEST(MemoryLeak, is_no_failure_where_it_is_not_asked_for) {
  EXPECT_THAT(run_once([] { lose(1); }).failures, SizeIs(0));
}

TEST(MemoryLeak, is_told_by_place_of_allocation_the_largest_first) {
  const execution_result result = run_for_leaks([] {
    lose(3);
    std::thread([] { *static_cast<volatile char*>(malloc(1000)) = 1; }).join();
  });
  ASSERT_THAT(result.failures, SizeIs(1));
  const failure& found = result.failures[0];
  EXPECT_EQ(found.message, "4 blocks of together 1048 bytes are leaked: nothing leads to them when the execution ends");
  ASSERT_THAT(found.related, SizeIs(2));
  EXPECT_EQ(found.related[0].title, "thread 1, where it allocated a block of 1000 bytes");
  EXPECT_EQ(found.related[1].title, "thread 0, where it allocated 3 blocks of together 48 bytes");
}

TEST(MemoryLeak, of_a_list_names_its_head_alone) {
  const execution_result result = run_for_leaks([] {
    node* head = nullptr;
    for (int i = 0; i < 5; ++i) head = make_node(head);
    check(std::exchange(head, nullptr)->value == 0, "a node changed");
  });
  ASSERT_THAT(result.failures, SizeIs(1));
  EXPECT_EQ(
      result.failures[0].message,
      "a block of 16 bytes is leaked: nothing leads to it when the execution ends, nor to 4 blocks of together 64 "
      "bytes but by way of it");
  EXPECT_THAT(result.failures[0].related, SizeIs(1));
}

TEST(MemoryLeak, of_a_cycle_of_shared_pointers_is_found) {
  struct member {
    std::shared_ptr<member> other;
  };
  const auto body = [](bool broken) {
    return [broken] {
      const auto one = std::make_shared<member>();
      one->other = std::make_shared<member>();
      if (broken) one->other->other = one;
    };
  };
  const execution_result result = run_for_leaks(body(true));
  ASSERT_THAT(result.failures, SizeIs(1));
  EXPECT_EQ(result.failures[0].kind, failure_kind::memory_leak);
  EXPECT_THAT(result.failures[0].message, HasSubstr("a block of 32 bytes is leaked"));
  EXPECT_THAT(result.failures[0].message, HasSubstr("nor to a block of 32 bytes but by way of it"));
  expect_sound(body(false));
}

TEST(MemoryLeak, in_some_schedules_is_found_in_those) {
  // Who comes second throws away what the first has put there.
  const auto body = [](bool broken) {
    return [broken] {
      std::atomic<node*> shared{nullptr};
      const auto put = [&] {
        if (shared.load() != nullptr) return;
        node* const earlier = shared.exchange(make_node());
        if (!broken) delete earlier;
      };
      std::thread other(put);
      put();
      other.join();
      delete shared.load();
    };
  };
  const summary found = run_schedules(200, body(true), with_leaks());
  EXPECT_GT(found.failed, 0U);
  EXPECT_LT(found.failed, found.schedules);
  expect_sound(body(false));
}

TEST(MemoryLeak, of_a_thread_that_ended_with_it_in_a_variable_of_its_own_is_found) {
  const execution_result result = run_for_leaks([] { std::thread([] { thread_own = make_node(); }).join(); });
  EXPECT_THAT(result.failures, SizeIs(1));
}

TEST(MemoryLeak, is_told_alone_beside_what_a_thread_left_behind_uses) {
  const execution_result result = run_for_leaks([] {
    lose(1);
    std::thread([own = std::make_unique<node>()] {
      std::mutex mutex;
      std::condition_variable never;
      std::unique_lock lock(mutex);
      volatile node* const deep = make_node();
      never.wait(lock, [&] { return deep->value != own->value; });
    }).detach();
  });
  ASSERT_THAT(result.failures, SizeIs(1));
  EXPECT_THAT(result.failures[0].message, HasSubstr("a block of 16 bytes is leaked"));
}

TEST(MemoryLeak, is_not_looked_for_after_another_failure) {
  const execution_result result = run_for_leaks([] {
    lose(1);
    note_failure(failure_kind::assertion, "one", "file.cpp", 7);
  });
  ASSERT_THAT(result.failures, SizeIs(1));
  EXPECT_EQ(result.failures[0].kind, failure_kind::assertion);
}

TEST(MemoryLeak, is_found_although_a_lock_in_it_was_used) {
  struct guarded {
    std::mutex mutex;
    std::atomic<int> value{0};
  };
  const execution_result result = run_for_leaks([] {
    auto* const lost = new guarded;
    std::thread([lost] {
      const std::lock_guard held(lost->mutex);
      ++lost->value;
    }).join();
  });
  ASSERT_THAT(result.failures, SizeIs(1));
  EXPECT_EQ(result.failures[0].kind, failure_kind::memory_leak);
}

// ---------------------------------------------------------------- none

node* global;

TEST(NoLeak, is_what_a_global_leads_to_also_by_way_of_what_earlier_executions_left) {
  expect_sound([] { global = make_node(global); });
  for (node* one = std::exchange(global, nullptr); one != nullptr;) delete std::exchange(one, one->next);
}

TEST(NoLeak, is_a_static_that_is_set_up_inside) {
  expect_sound([] {
    static const std::vector<std::string> names(10, "longer than what a string holds in itself");
    static const auto* const instance = new std::string("one that is never destroyed, and so long");
    check(names.size() == 10 && !instance->empty(), "a static changed");
  });
}

TEST(NoLeak, is_what_host_memory_leads_to) {
  std::vector<std::unique_ptr<node>> kept;
  kept.reserve(20);
  expect_sound([&] { kept.emplace_back(make_node()); });
  EXPECT_THAT(kept, SizeIs(20));
}

TEST(NoLeak, is_what_a_thread_left_behind_still_uses) {
  expect_sound([] {
    std::thread([own = std::make_unique<node>()] {
      std::mutex mutex;
      std::condition_variable never;
      std::unique_lock lock(mutex);
      volatile node* const deep = make_node();
      never.wait(lock, [&] { return deep->value != own->value; });
    }).detach();
  });
}

TEST(NoLeak, is_what_a_thread_left_behind_in_the_middle_of_its_work_uses) {
  expect_sound([] {
    std::thread([] {
      volatile node* const own = make_node();
      for (std::atomic<std::uint64_t> turns{0}; own->value == 0;) ++turns;
    }).detach();
  });
}

TEST(NoLeak, is_what_variables_and_keys_of_the_main_thread_lead_to) {
  static pthread_key_t key;
  static const int created = pthread_key_create(&key, nullptr);
  expect_sound([] {
    thread_own = make_node();
    pthread_setspecific(key, make_node());
    check(created == 0, "no key");
  });
}

TEST(NoLeak, is_a_pointer_with_a_tag_in_its_unused_bits) {
  expect_sound([] { word = reinterpret_cast<std::uintptr_t>(make_node()) | (std::uint64_t{0xabcd} << 48) | 1; });
  expect_sound([] { word = (reinterpret_cast<std::uintptr_t>(make_node()) << 16) | 0xabcd; });
}

TEST(NoLeak, is_a_pointer_to_the_middle_or_in_a_packed_structure) {
  expect_sound([] { word = reinterpret_cast<std::uintptr_t>(malloc(100)) + 99; });
  expect_sound([] {
    packed[0].data = make_node();
    packed[1].data = make_node();
  });
}

TEST(NoLeak, is_the_result_of_a_thread_that_nobody_joined) {
  expect_sound([] {
    pthread_t thread;
    pthread_create(&thread, nullptr, [](void*) -> void* { return make_node(); }, nullptr);
  });
}

TEST(NoLeak, is_a_named_semaphore_that_nobody_closed) {
  expect_sound([] { check(sem_open("/heddle-leaks", O_CREAT, 0600, 0) != SEM_FAILED, "no semaphore"); });
}

TEST(NoLeak, is_a_block_that_the_host_frees) {
  machine on(with_leaks());
  void* left = nullptr;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    seeded_source source(seed);
    const execution_result& one = on.run(source, [&] { left = malloc(100); });
    EXPECT_THAT(one.failures, SizeIs(0));
    free(left);
  }
}

// ---------------------------------------------------------------- coroutines

// A coroutine that nobody owns but who has its handle.
struct detached {
  struct promise_type {
    detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

struct hand_over {
  std::coroutine_handle<>* to;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) const noexcept { *to = handle; }
  void await_resume() const noexcept {}
};

// Out of sight, or the compiler leaves out what it sees that nobody uses.
[[gnu::noinline]] detached wait_once(std::coroutine_handle<>* handle) {
  const std::unique_ptr<node> held(make_node());
  hand_over turn{handle};
  co_await turn;
}

TEST(FrameLeak, of_a_coroutine_that_is_never_resumed_is_found_and_its_memory_not_told_twice) {
  const execution_result result = run_for_leaks([] {
    std::coroutine_handle<> handle;
    wait_once(&handle);
    handle = nullptr;
  });
  ASSERT_THAT(result.failures, SizeIs(1));
  const failure& found = result.failures[0];
  EXPECT_EQ(found.kind, failure_kind::frame_leak);
  EXPECT_THAT(found.message, HasSubstr("is never destroyed: nothing leads to it when the execution ends, with a "
                                       "block of 16 bytes around"));
  ASSERT_THAT(found.related, SizeIs(1));
  EXPECT_THAT(found.related[0].title,
              HasSubstr("thread 0, where it called a coroutine that is suspended since, with a frame of "));
}

TEST(FrameLeak, is_none_of_a_coroutine_that_is_resumed_or_destroyed_or_still_known) {
  expect_sound([] {
    std::coroutine_handle<> handle;
    wait_once(&handle);
    handle.resume();
    wait_once(&handle);
    handle.destroy();
  });
  static std::coroutine_handle<> waiting;
  expect_sound([] { wait_once(&waiting); });
}

// One that stays when it is done, for its owner to destroy.
struct owned {
  struct promise_type {
    owned get_return_object() noexcept { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
  std::coroutine_handle<> handle;
};

[[gnu::noinline]] owned add_one(int& to) {
  ++to;
  co_return;
}

TEST(FrameLeak, of_a_coroutine_that_is_done_and_never_destroyed_is_found) {
  const auto body = [](bool broken) {
    return [broken] {
      int value = 0;
      const owned made = add_one(value);
      if (!broken) made.handle.destroy();
    };
  };
  const execution_result result = run_for_leaks(body(true));
  ASSERT_THAT(result.failures, SizeIs(1));
  EXPECT_EQ(result.failures[0].kind, failure_kind::frame_leak);
  ASSERT_THAT(result.failures[0].related, SizeIs(1));
  EXPECT_THAT(result.failures[0].related[0].title, HasSubstr("called a coroutine that is done since"));
  expect_sound(body(false));
}

TEST(FrameLeak, beside_a_memory_leak_are_two_failures) {
  const execution_result result = run_for_leaks([] {
    std::coroutine_handle<> handle;
    wait_once(&handle);
    handle = nullptr;
    lose(2);
  });
  ASSERT_THAT(result.failures, SizeIs(2));
  EXPECT_EQ(result.failures[0].kind, failure_kind::frame_leak);
  EXPECT_EQ(result.failures[1].kind, failure_kind::memory_leak);
  EXPECT_THAT(result.failures[1].message, HasSubstr("2 blocks of together 32 bytes are leaked"));
}

}  // namespace
}  // namespace heddle::sim::testing
