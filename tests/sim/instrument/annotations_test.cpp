// What programs say of their own synchronisation: each annotation of an order makes a race none, and nothing else does.
#include "../memory_model/edges.hpp"
#include "../support.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

#include <gtest/gtest.h>
#include <pthread.h>

extern "C" {
void __tsan_acquire(void*);
void __tsan_release(void*);
void __tsan_mutex_pre_lock(void*, unsigned);
void __tsan_mutex_post_lock(void*, unsigned, int);
int __tsan_mutex_pre_unlock(void*, unsigned);
void __tsan_mutex_post_unlock(void*, unsigned);
void __tsan_testonly_barrier_init(std::uint64_t*, unsigned);
void __tsan_testonly_barrier_wait(std::uint64_t*);
void AnnotateHappensBefore(const char*, int, const volatile void*);
void AnnotateHappensAfter(const char*, int, const volatile void*);
void AnnotateIgnoreReadsBegin(const char*, int);
void AnnotateIgnoreReadsEnd(const char*, int);
void AnnotateIgnoreWritesBegin(const char*, int);
void AnnotateIgnoreWritesEnd(const char*, int);
void AnnotateIgnoreSyncBegin(const char*, int);
void AnnotateIgnoreSyncEnd(const char*, int);
void AnnotateBenignRaceSized(const char*, int, const volatile void*, std::size_t, const char*);
void AnnotateRWLockAcquired(const char*, int, const volatile void*, long);
void AnnotateRWLockReleased(const char*, int, const volatile void*, long);
}

namespace heddle::sim::testing {
namespace {

constexpr auto relaxed = std::memory_order_relaxed;

// Schedules of 50 that end in a data race; any other failure counts as all of them.
std::uint64_t races_of(const std::function<void()>& body) {
  machine_options options;
  options.races = true;
  machine on(options);
  std::uint64_t races = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    seeded_source source(seed);
    const execution_result& one = on.run(source, body);
    if (one.failures.empty()) continue;
    EXPECT_EQ(one.failures.front().kind, failure_kind::data_race) << one.failures.front().message;
    ++races;
  }
  return races;
}

// A datum that is handed over by means nobody sees, but for what is said of them.
std::uint64_t races_of_handover(const std::function<void(void* address)>& before,
                                const std::function<void(void* address)>& after) {
  return races_of([&] {
    auto datum = std::make_unique<int>(0);
    std::atomic<bool> ready{false};
    two_threads(
        [&] {
          *datum = 1;
          before(datum.get());
          ready.store(true, relaxed);
        },
        [&] {
          while (!ready.load(relaxed)) {
          }
          after(datum.get());
          check(*static_cast<volatile int*>(datum.get()) == 1, "overlooked");
        });
  });
}

void nothing(void*) {}

TEST(Annotations, of_an_order_are_one) {
  EXPECT_EQ(races_of_handover(&nothing, &nothing), 50u);
  EXPECT_EQ(races_of_handover(&__tsan_release, &__tsan_acquire), 0u);
  EXPECT_EQ(races_of_handover([](void* at) { AnnotateHappensBefore("", 0, at); },
                              [](void* at) { AnnotateHappensAfter("", 0, at); }),
            0u);
}

TEST(Annotations, of_half_an_order_are_none) {
  EXPECT_EQ(races_of_handover(&__tsan_release, &nothing), 50u);
  EXPECT_EQ(races_of_handover(&nothing, &__tsan_acquire), 50u);
  EXPECT_EQ(races_of_handover(&__tsan_acquire, &__tsan_release), 50u);
}

TEST(Annotations, of_locks_order_writers_with_all_and_readers_not_with_each_other) {
  const auto races = [](long first, long second) {
    return races_of_handover([=](void* at) { AnnotateRWLockReleased("", 0, at, first); },
                             [=](void* at) { AnnotateRWLockAcquired("", 0, at, second); });
  };
  EXPECT_EQ(races(1, 1), 0u);
  EXPECT_EQ(races(1, 0), 0u);
  EXPECT_EQ(races(0, 1), 0u);
  EXPECT_EQ(races(0, 0), 50u);
}

// A lock of plain variables, all of whose accesses race.
struct home_made_lock {
  std::atomic<int> tickets{0};
  std::atomic<int> serving{0};
  int times_locked = 0;

  void lock() {
    __tsan_mutex_pre_lock(this, 0);
    const int mine = tickets.fetch_add(1, relaxed);
    while (serving.load(relaxed) != mine) {
    }
    ++times_locked;
    __tsan_mutex_post_lock(this, 0, 0);
  }
  void unlock() {
    __tsan_mutex_pre_unlock(this, 0);
    ++times_locked;
    serving.fetch_add(1, relaxed);
    __tsan_mutex_post_unlock(this, 0);
  }
};

TEST(Annotations, of_a_lock_of_ones_own_order_what_it_guards_and_hide_what_it_does) {
  EXPECT_EQ(races_of([] {
              auto lock = std::make_unique<home_made_lock>();
              int guarded = 0;
              const auto use = [&] {
                lock->lock();
                ++guarded;
                lock->unlock();
              };
              two_threads(use, use);
            }),
            0u);
  EXPECT_EQ(races_of([] {
              auto lock = std::make_unique<home_made_lock>();
              auto datum = std::make_unique<int>(0);
              two_threads(
                  [&] {
                    lock->lock();
                    lock->unlock();
                    *datum = 1;
                  },
                  [&] { *datum = 2; });
            }),
            50u);
}

TEST(Annotations, that_ignore_accesses_do_so_until_their_end) {
  const auto races = [](bool inside) {
    return races_of([inside] {
      auto datum = std::make_unique<int>(0);
      two_threads(
          [&] {
            AnnotateIgnoreReadsBegin("", 0);
            AnnotateIgnoreWritesBegin("", 0);
            if (inside) *datum = 1;
            AnnotateIgnoreWritesEnd("", 0);
            AnnotateIgnoreReadsEnd("", 0);
            if (!inside) *datum = 1;
          },
          [&] { *datum = 2; });
    });
  };
  EXPECT_EQ(races(true), 0u);
  EXPECT_EQ(races(false), 50u);
}

TEST(Annotations, that_ignore_synchronisation_do_so_until_their_end) {
  const auto races = [](bool inside) {
    return races_of([inside] {
      auto datum = std::make_unique<int>(0);
      std::mutex mutex;
      std::atomic<bool> ready{false};
      two_threads(
          [&] {
            const std::lock_guard held(mutex);
            *datum = 1;
            ready.store(true);
          },
          [&] {
            if (inside) AnnotateIgnoreSyncBegin("", 0);
            while (!ready.load()) {
            }
            std::unique_lock held(mutex);
            if (inside) AnnotateIgnoreSyncEnd("", 0);
            *datum = 2;
          });
    });
  };
  EXPECT_EQ(races(true), 50u);
  EXPECT_EQ(races(false), 0u);
}

TEST(Annotations, that_ignore_synchronisation_leave_it_visible) {
  EXPECT_EQ(races_of([] {
              std::atomic<int> datum{0};
              std::atomic<bool> ready{false};
              two_threads(
                  [&] {
                    datum.store(1, relaxed);
                    ready.store(true, std::memory_order_release);
                  },
                  [&] {
                    AnnotateIgnoreSyncBegin("", 0);
                    while (!ready.load(std::memory_order_acquire)) {
                    }
                    check(datum.load(relaxed) == 1, "overlooked");
                    AnnotateIgnoreSyncEnd("", 0);
                    check(datum.load(relaxed) == 1, "overlooked");
                  });
            }),
            0u);
}

TEST(Annotations, of_benign_races_are_for_these_bytes_until_they_are_freed) {
  const auto races = [](bool same) {
    return races_of([same] {
      auto data = std::make_unique<int[]>(2);
      AnnotateBenignRaceSized("", 0, data.get(), sizeof(int), "");
      two_threads([&] { data[0] = 1; }, [&] { data[0] = 2; });
      two_threads([&] { data[same ? 0 : 1] = 1; }, [&] { data[same ? 0 : 1] = 2; });
    });
  };
  EXPECT_EQ(races(true), 0u);
  EXPECT_EQ(races(false), 50u);
}

TEST(Annotations, do_not_outlive_an_execution) {
  static int global = 0;
  EXPECT_EQ(races_of([] { AnnotateBenignRaceSized("", 0, &global, sizeof global, ""); }), 0u);
  EXPECT_EQ(races_of([] { two_threads([] { global = 1; }, [] { global = 2; }); }), 50u);
}

TEST(Annotations, a_barrier_of_the_sanitizers_tests_waits_and_orders_nothing) {
  EXPECT_EQ(races_of([] {
              auto datum = std::make_unique<int>(0);
              std::uint64_t barrier = 0;
              __tsan_testonly_barrier_init(&barrier, 2);
              std::atomic<int> arrived{0};
              two_threads(
                  [&] {
                    arrived.store(1, relaxed);
                    *datum = 1;
                    __tsan_testonly_barrier_wait(&barrier);
                  },
                  [&] {
                    __tsan_testonly_barrier_wait(&barrier);
                    *datum = 2;
                  });
            }),
            50u);
}

// ---------------------------------------------------------------- pointers to tables of virtual functions

struct base;
// Unknown to the compiler, which can then leave out nothing of what a destructor stores.
void ignore(base&) {}
void (*volatile look_at)(base&) = &ignore;

struct base {
  base() = default;
  base(const base&) = delete;
  base& operator=(const base&) = delete;
  virtual ~base() { look_at(*this); }
  virtual void call() {}
};
struct waits_at_its_end : base {
  std::atomic<bool> done{false};
  ~waits_at_its_end() override {
    while (!done.load()) {
    }
  }
};

// The destructor begins by storing what its constructor stored, and then waits for the caller.
TEST(VirtualFunctions, called_while_the_destructor_of_the_same_class_begins_are_no_race) {
  EXPECT_EQ(races_of([] {
              auto* const object = new waits_at_its_end;
              base* const called = object;
              two_threads(
                  [=] {
                    called->call();
                    object->done.store(true);
                  },
                  [=] { delete called; });
            }),
            0u);
}

#if defined(__clang__)  // g++ does not report that a call reads the virtual table's address
TEST(VirtualFunctions, called_while_the_object_becomes_one_of_its_base_are_a_race) {
  EXPECT_GE(races_of([] {
              struct ends_at_once : base {
                int member = 0;
              };
              auto* const object = new ends_at_once;
              base* volatile called = object;
              std::atomic<bool> called_it{false};
              two_threads(
                  [&] {
                    called->call();
                    called_it.store(true, relaxed);
                  },
                  [&] {
                    while (!called_it.load(relaxed)) {
                    }
                    object->~ends_at_once();
                  });
            }),
            1u);
}
#endif

// ---------------------------------------------------------------- the life of a lock

TEST(Locks, that_are_destroyed_while_others_may_use_them_are_a_race) {
  const auto races = [](std::memory_order order) {
    return races_of([order] {
      pthread_mutex_t mutex;
      pthread_mutex_init(&mutex, nullptr);
      std::atomic<bool> used{false};
      two_threads(
          [&] {
            pthread_mutex_lock(&mutex);
            pthread_mutex_unlock(&mutex);
            used.store(true, order);
          },
          [&] {
            while (!used.load(order == relaxed ? relaxed : std::memory_order_acquire)) {
            }
            pthread_mutex_destroy(&mutex);
          });
    });
  };
  EXPECT_EQ(races(relaxed), 50u);
  EXPECT_EQ(races(std::memory_order_release), 0u);
}

TEST(Locks, that_are_made_while_others_may_use_them_are_a_race) {
  EXPECT_EQ(races_of([] {
              static pthread_rwlock_t lock;
              std::atomic<bool> made{false};
              two_threads(
                  [&] {
                    pthread_rwlock_init(&lock, nullptr);
                    pthread_rwlock_wrlock(&lock);
                    pthread_rwlock_unlock(&lock);
                    made.store(true, relaxed);
                  },
                  [&] {
                    while (!made.load(relaxed)) {
                    }
                    pthread_rwlock_rdlock(&lock);
                    pthread_rwlock_unlock(&lock);
                  });
            }),
            50u);
}

TEST(Conditions, that_are_notified_after_their_waiter_may_have_gone_are_a_race) {
  const auto races = [](bool under_lock) {
    return races_of([under_lock] {
      struct shared {
        pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
        pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
        bool done = false;
      };
      auto* const one = new shared;
      std::atomic<bool> notified{false};
      two_threads(
          [&] {
            pthread_mutex_lock(&one->mutex);
            one->done = true;
            if (under_lock) pthread_cond_signal(&one->condition);
            pthread_mutex_unlock(&one->mutex);
            if (!under_lock) pthread_cond_signal(&one->condition);
            notified.store(true, relaxed);
          },
          [&] {
            pthread_mutex_lock(&one->mutex);
            while (!one->done) pthread_cond_wait(&one->condition, &one->mutex);
            pthread_mutex_unlock(&one->mutex);
            while (!notified.load(relaxed)) {
            }
            delete one;
          });
    });
  };
  EXPECT_EQ(races(false), 50u);
  EXPECT_EQ(races(true), 0u);
}

// As one who waits on its own stack does it: the last to use the lock destroys it.
TEST(Locks, that_are_destroyed_after_the_others_released_them_are_none) {
  EXPECT_EQ(races_of([] {
              pthread_mutex_t mutex;
              pthread_mutex_init(&mutex, nullptr);
              int left = 2;
              const auto use = [&] {
                pthread_mutex_lock(&mutex);
                const bool last = --left == 0;
                pthread_mutex_unlock(&mutex);
                if (last) pthread_mutex_destroy(&mutex);
              };
              two_threads(use, use);
            }),
            0u);
}

TEST(Barriers, that_the_serial_thread_destroys_are_no_race) {
  EXPECT_EQ(races_of([] {
              pthread_barrier_t barrier;
              pthread_barrier_init(&barrier, nullptr, 2);
              const auto use = [&] {
                if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD) pthread_barrier_destroy(&barrier);
              };
              two_threads(use, use);
            }),
            0u);
}

}  // namespace
}  // namespace heddle::sim::testing
