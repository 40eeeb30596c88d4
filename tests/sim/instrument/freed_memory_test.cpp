// The use of freed memory: each misuse beside the corrected program.
#include "../support.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <malloc.h>
#include <pthread.h>
#include <semaphore.h>

#if !defined(__clang__)
// g++ sees what the tests are about.
#pragma GCC diagnostic ignored "-Wuse-after-free"
#endif

namespace heddle::sim::testing {
namespace {

// A pointer of which the compiler knows nothing, not even that nobody else has it.
template <typename T>
T* hidden(T* pointer) {
  asm volatile("" : "+r"(pointer) : : "memory");
  return pointer;
}

template <typename Body>
void expect_misuse(Body body, const std::string& message) {
  const execution_result result = run_once(body);
  ASSERT_EQ(result.failures.size(), 1u) << message;
  EXPECT_EQ(result.failures[0].kind, failure_kind::use_after_free);
  EXPECT_NE(first_message(result).find(message), std::string::npos) << first_message(result);
  EXPECT_TRUE(result.abandoned);
}

template <typename Body>
void expect_no_misuse(Body body, const machine_options& options = {}) {
  const summary all = run_schedules(50, body, options);
  EXPECT_EQ(all.failed, 0u) << (all.failures.empty() ? "" : all.failures.front().message);
}

TEST(FreedMemory, a_plain_read_and_a_plain_write_are_found) {
  expect_misuse(
      [] {
        int* const block = hidden(static_cast<int*>(malloc(24)));
        free(block);
        const int seen = *hidden(block);
        check(seen != 12345, "");
      },
      "read of 4 bytes after the memory was freed: at the start of a block of 24 bytes");
  expect_misuse(
      [] {
        auto* const block = hidden(new std::array<std::uint64_t, 4>{});
        delete block;
        (*hidden(block))[2] = 1;
      },
      "write of 8 bytes after the memory was freed: 16 bytes into a block of 32 bytes");
  expect_no_misuse([] {
    auto* const block = hidden(new std::array<std::uint64_t, 4>{});
    (*hidden(block))[2] = 1;
    delete block;
  });
}

TEST(FreedMemory, the_middle_and_the_end_of_a_large_block_are_watched) {
  for (const std::size_t at : {std::size_t{0}, std::size_t{5'000}, std::size_t{1'000'000}, std::size_t{9'999'999}}) {
    expect_misuse(
        [at] {
          char* const block = hidden(static_cast<char*>(malloc(10'000'000)));
          block[at] = 1;
          free(block);
          hidden(block)[at] = 1;
        },
        "a block of 10000000 bytes");
  }
}

TEST(FreedMemory, an_atomic_operation_is_found) {
  expect_misuse(
      [] {
        auto* const word = hidden(new std::atomic<int>{0});
        delete word;
        hidden(word)->fetch_add(1);
      },
      "atomic operation after the memory was freed");
}

TEST(FreedMemory, a_lock_in_it_is_found_and_one_that_outlives_its_users_passes) {
  struct guarded {
    std::mutex lock;
    int value = 0;
  };
  expect_misuse(
      [] {
        auto* const object = hidden(new guarded);
        delete object;
        hidden(object)->lock.lock();
      },
      "use of a lock after the memory was freed");
  // Who sees the value of the other thread deletes the object; the unlock of the other may still be to come.
  const auto hand_over = [](bool last_use_is_the_unlock) {
    auto* const object = new guarded;
    std::thread other([=] {
      object->lock.lock();
      object->value = 1;
      object->lock.unlock();
    });
    for (bool done = false; !done;) {
      if (last_use_is_the_unlock) {
        const std::lock_guard held(object->lock);
        done = object->value == 1;
      } else {
        done = true;
      }
    }
    if (last_use_is_the_unlock) other.join();
    delete object;
    if (!last_use_is_the_unlock) other.join();
  };
  const summary broken = run_schedules(100, [=] { hand_over(false); });
  EXPECT_GT(broken.failed, 0u);
  EXPECT_EQ(broken.failures.at(0).kind, failure_kind::use_after_free);
  EXPECT_EQ(run_schedules(100, [=] { hand_over(true); }).failed, 0u);
}

// Destroying a condition variable is right as soon as all have been notified, and a futex may be woken when it is
// gone: what comes after must not look like a use.
TEST(FreedMemory, what_a_notified_waiter_may_destroy_is_not_reported) {
  expect_no_misuse([] {
    struct meeting {
      std::mutex lock;
      std::condition_variable condition;
      bool ready = false;
    };
    auto* const meet = new meeting;
    std::thread other([meet] {
      {
        const std::lock_guard held(meet->lock);
        meet->ready = true;
        meet->condition.notify_all();
      }
    });
    {
      std::unique_lock held(meet->lock);
      meet->condition.wait(held, [meet] { return meet->ready; });
    }
    other.join();
    delete meet;
  });
  expect_no_misuse([] {
    auto* const word = new std::atomic<int>{0};
    std::thread other([word] {
      word->store(1);
      word->notify_one();
    });
    word->wait(0);
    delete word;
    other.join();
  });
  expect_no_misuse([] {
    auto* const semaphore = new sem_t;
    sem_init(semaphore, 0, 0);
    std::thread other([semaphore] { sem_post(semaphore); });
    sem_wait(semaphore);
    sem_destroy(semaphore);
    delete semaphore;
    other.join();
  });
}

TEST(FreedMemory, a_range_is_found_by_its_first_freed_byte) {
  expect_misuse(
      [] {
        char* const block = hidden(static_cast<char*>(malloc(100)));
        free(block);
        std::array<char, 64> target{};
        auto* volatile copy = &std::memcpy;
        copy(hidden(target.data()), hidden(block) + 10, 64);
      },
      "read of 64 bytes after the memory was freed: 10 bytes into a block of 100 bytes");
}

// A counted reference that is dropped once too often, in some schedules only.
template <bool Fixed>
void drop_while_used() {
  struct shared {
    std::atomic<int> users{1};
    int value = 7;
  };
  auto* const object = new shared;
  if (Fixed) object->users.fetch_add(1);
  std::thread user([object] {
    check(object->value == 7, "not the value");
    if (Fixed && object->users.fetch_sub(1) == 1) delete object;
  });
  if (!Fixed || object->users.fetch_sub(1) == 1) delete object;
  user.join();
}

TEST(FreedMemory, a_thread_that_still_uses_an_object_is_found_and_a_counted_one_passes) {
  const summary broken = run_schedules(100, &drop_while_used<false>);
  EXPECT_GT(broken.failed, 0u);
  EXPECT_EQ(broken.failures.at(0).kind, failure_kind::use_after_free);
  EXPECT_EQ(run_schedules(100, &drop_while_used<true>).failed, 0u);
}

TEST(FreedMemory, double_free_and_the_free_of_no_block_are_found) {
  expect_misuse(
      [] {
        void* const block = hidden(malloc(10));
        free(block);
        free(hidden(block));
      },
      "double free: at the start of a block of 10 bytes");
  expect_misuse(
      [] {
        auto* const block = hidden(new (std::align_val_t{256}) std::array<char, 300>);
        operator delete(block, std::align_val_t{256});
        operator delete(hidden(block), std::align_val_t{256});
      },
      "double free");
  expect_misuse(
      [] {
        char* const block = hidden(static_cast<char*>(malloc(100)));
        free(hidden(block + 16));
      },
      "free of an address that no allocation returned: 16 bytes into a block of 100 bytes");
  expect_misuse(
      [] {
        int local = 0;
        free(hidden(&local));
      },
      "free of an address on a stack");
  expect_misuse(
      [] {
        void* const block = hidden(malloc(10));
        free(block);
        void* const other = realloc(hidden(block), 20);
        check(other == nullptr, "");
      },
      "double free");
}

[[gnu::noinline]] int* allocate_here() {
  return hidden(new int{1});
}
[[gnu::noinline]] void free_there(int* block) {
  delete block;
}

TEST(FreedMemory, the_failure_has_the_stacks_of_the_free_and_of_the_allocation) {
  const execution_result result = run_once([] {
    int* const block = allocate_here();
    std::thread([block] { free_there(block); }).join();
    *hidden(block) = 2;
  });
  ASSERT_EQ(result.failures.size(), 1u);
  const failure& one = result.failures.front();
  EXPECT_EQ(one.thread, 0u);
  EXPECT_GE(one.stack.size(), 2u);
  ASSERT_EQ(one.related.size(), 2u);
  EXPECT_EQ(one.related[0].title, "thread 1, where it freed the block");
  EXPECT_EQ(one.related[1].title, "thread 0, where it allocated it");
  const auto within = [](std::uintptr_t pc, auto* function) {
    const std::uintptr_t distance = pc - reinterpret_cast<std::uintptr_t>(function);
    return distance > 0 && distance < 200;
  };
  EXPECT_TRUE(within(one.related[0].stack.front(), &free_there));
  EXPECT_TRUE(within(one.related[1].stack.front(), &allocate_here));
}

// ---------------------------------------------------------------- what must not be reported

TEST(FreedMemory, memory_that_was_handed_out_again_is_ordinary_memory) {
  expect_no_misuse(
      [] {
        for (std::size_t round = 0; round < 100; ++round) {
          for (const std::size_t size : {8u, 100u, 5'000u, 100'000u}) {
            auto* const block = static_cast<char*>(malloc(size));
            block[0] = block[size - 1] = block[size / 2] = 1;
            free(block);
            auto* const aligned = static_cast<char*>(aligned_alloc(64, size + 64 - size % 64));
            aligned[0] = aligned[size - 1] = 1;
            free(aligned);
          }
        }
      },
      {.quarantine_bytes_max = 4096});
}

TEST(FreedMemory, a_survivor_of_an_earlier_execution_is_never_reported) {
  static int* survivor = nullptr;
  machine on({});
  seeded_source source(1);
  on.run(source, [] { survivor = hidden(new int{5}); });
  const execution_result result = on.run(source, [] {
    delete survivor;
    *hidden(survivor) = 6;
    delete hidden(survivor);
  });
  EXPECT_EQ(first_message(result), "");
}

TEST(FreedMemory, what_an_execution_freed_is_forgotten_in_the_next) {
  machine on({});
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    seeded_source source(seed);
    const execution_result& result = on.run(source, [] {
      std::vector<std::string> texts;
      for (int i = 0; i < 20; ++i) texts.emplace_back(static_cast<std::size_t>(i) * 50, 'x');
      texts.clear();
    });
    ASSERT_EQ(first_message(result), "");
  }
}

TEST(FreedMemory, the_host_may_look_at_what_it_likes) {
  const execution_result result = run_once([] {
    int* const block = hidden(new int{5});
    delete block;
    const host_scope host;
    *hidden(block) = 6;
  });
  EXPECT_EQ(first_message(result), "");
}

// ---------------------------------------------------------------- limits

TEST(FreedMemory, that_was_handed_out_again_is_the_limit_of_what_is_found) {
  machine_options options;
  options.quarantine_bytes_max = 0;
  const execution_result result = run_once(
      [] {
        int* const block = hidden(new int{1});
        delete block;
        int* const other = hidden(new int{2});
        check(other == block, "the block was not handed out again: the test shows nothing");
        *hidden(block) = 3;
        delete other;
      },
      1, options);
  EXPECT_EQ(first_message(result), "");
}

TEST(FreedMemory, a_write_beyond_the_end_of_a_block_is_not_found) {
  const execution_result result = run_once([] {
    char* const block = hidden(static_cast<char*>(malloc(20)));
    *hidden(block + 20) = 1;
    free(block);
  });
  EXPECT_EQ(first_message(result), "");
}

// ---------------------------------------------------------------- the allocator

TEST(FreedMemory, is_reused_late_and_with_an_empty_quarantine_at_once) {
  const auto reused_after = [](std::size_t quarantine) {
    std::size_t rounds = 0;
    machine_options options;
    options.quarantine_bytes_max = quarantine;
    run_once(
        [&] {
          void* const first = hidden(malloc(1'000));
          free(first);
          do {
            ++rounds;
            void* const next = hidden(malloc(1'000));
            free(next);
            if (next == first) return;
          } while (rounds < 10'000);
        },
        1, options);
    return rounds;
  };
  EXPECT_EQ(reused_after(0), 1u);
  const std::size_t late = reused_after(std::size_t{1} << 20);
  EXPECT_GT(late, 900u);
  EXPECT_LT(late, 1'200u);
}

[[gnu::noinline]] __attribute__((no_sanitize("thread"))) bool all_bytes_are(const volatile unsigned char* from,
                                                                            std::size_t size, unsigned char value) {
  for (std::size_t i = 0; i < size; ++i) {
    if (from[i] != value) return false;
  }
  return true;
}

TEST(FreedMemory, is_filled_with_a_pattern_and_so_is_fresh_memory) {
  const execution_result result = run_once([] {
    for (const std::size_t size : {16u, 100u, 4'000u, 1'000'000u}) {
      auto* const block = hidden(static_cast<unsigned char*>(malloc(size)));
      check(all_bytes_are(block, size < 4096 ? size : 4096, 0xdf), "fresh memory is not filled");
      for (std::size_t i = 0; i < size; ++i) block[i] = 1;
      free(block);
      check(all_bytes_are(block, size < 4096 ? size : 4096, 0xdf), "freed memory is not filled");
    }
  });
  EXPECT_EQ(first_message(result), "");
}

TEST(FreedMemory, a_new_object_at_a_used_address_is_another_object) {
  machine_options options;
  options.quarantine_bytes_max = 0;
  const execution_result result = run_once(
      [] {
        auto* const first = new (malloc(sizeof(pthread_mutex_t))) pthread_mutex_t(PTHREAD_MUTEX_INITIALIZER);
        pthread_mutex_lock(first);
        free(first);
        void* const same = malloc(sizeof(pthread_mutex_t));
        check(same == first, "the block was not handed out again: the test shows nothing");
        auto* const second = new (same) pthread_mutex_t(PTHREAD_MUTEX_INITIALIZER);
        check(pthread_mutex_trylock(second) == 0, "the new mutex is held from before");
        pthread_mutex_unlock(second);
        free(second);
      },
      1, options);
  EXPECT_EQ(first_message(result), "");
}

TEST(FreedMemory, every_form_of_allocation_is_served_from_the_execution_and_freed_by_its_twin) {
  const execution_result result = run_once([] {
    const auto inside = [](const void* block) {
      const auto address = reinterpret_cast<std::uintptr_t>(block);
      check(address >> 40 == 0x2b, "not from the execution's memory");
    };
    const auto in_malloc = [&](void* block) {
      inside(block);
      check(malloc_usable_size(block) >= 100, "too small");
      free(block);
    };
    in_malloc(malloc(100));
    in_malloc(calloc(10, 10));
    in_malloc(realloc(nullptr, 100));
    in_malloc(reallocarray(nullptr, 10, 10));
    in_malloc(aligned_alloc(64, 128));
    in_malloc(memalign(64, 100));
    in_malloc(valloc(100));
    in_malloc(pvalloc(100));
    in_malloc(strdup(std::string(120, 'x').c_str()));
    void* placed = nullptr;
    check(posix_memalign(&placed, 64, 100) == 0, "not served");
    in_malloc(placed);
    constexpr std::align_val_t wide{128};
    void* block = nullptr;
    inside(block = operator new(100));
    operator delete(block);
    inside(block = operator new(100));
    operator delete(block, std::size_t{100});
    inside(block = operator new[](100));
    operator delete[](block);
    inside(block = operator new(100, std::nothrow));
    operator delete(block, std::nothrow);
    inside(block = operator new(100, wide));
    check(reinterpret_cast<std::uintptr_t>(block) % 128 == 0, "not aligned");
    operator delete(block, wide);
    inside(block = operator new[](100, wide, std::nothrow));
    operator delete[](block, std::size_t{100}, wide);
    bool thrown = false;
    try {
      volatile std::size_t absurd = std::size_t{1} << 60;
      block = operator new(absurd);
    } catch (const std::bad_alloc&) {
      thrown = true;
    }
    check(thrown, "an absurd size was served");
    volatile std::size_t absurd = std::size_t{1} << 60;
    check(operator new(absurd, std::nothrow) == nullptr, "an absurd size was served");
  });
  EXPECT_EQ(first_message(result), "");
}

}  // namespace
}  // namespace heddle::sim::testing
