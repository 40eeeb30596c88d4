#include "edges.hpp"

#include "../support.hpp"
#include "heddle/hooks.hpp"

#include <atomic>
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <future>
#include <latch>
#include <mutex>
#include <semaphore>
#include <shared_mutex>
#include <thread>

#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace heddle::sim::testing {

namespace {
constexpr auto relaxed = std::memory_order_relaxed;
}

void two_threads(const std::function<void()>& one, const std::function<void()>& two) {
  std::thread first(one);
  std::thread second(two);
  first.join();
  second.join();
}

namespace {

template <typename Mutex>
void under_lock(const std::function<void()>& write, const std::function<void()>& read) {
  Mutex mutex;
  bool written = false;
  two_threads(
      [&] {
        const std::lock_guard held(mutex);
        write();
        written = true;
      },
      [&] {
        const std::lock_guard held(mutex);
        if (written) read();
      });
}

}  // namespace

const std::vector<edge>& edges() {
  static const std::vector<edge> all{
      {"Nothing", [](const auto& write, const auto& read) { two_threads(write, read); }, false},
      {"Mutex", &under_lock<std::mutex>},
      {"Cancellation",
       [](const auto& write, const auto& read) {
         std::thread reader([&] {
           struct at_end {
             ~at_end() { reads(); }
             const std::function<void()>& reads;
           } const end{read};
           for (;;) pthread_testcancel();
         });
         const pthread_t handle = reader.native_handle();
         std::thread writer([&] {
           write();
           pthread_cancel(handle);
         });
         reader.join();
         writer.join();
       }},
      {"AwaitedSignal",
       [](const auto& write, const auto& read) {
         sigset_t set;
         sigemptyset(&set);
         sigaddset(&set, SIGUSR2);
         pthread_sigmask(SIG_BLOCK, &set, nullptr);
         std::thread reader([&] {
           int signal = 0;
           sigwait(&set, &signal);
           read();
         });
         const pthread_t handle = reader.native_handle();
         std::thread writer([&] {
           write();
           pthread_kill(handle, SIGUSR2);
         });
         reader.join();
         writer.join();
       }},
      {"Pipe",
       [](const auto& write_datum, const auto& read_datum) {
         int ends[2];
         check(pipe(ends) == 0, "no pipe");
         two_threads(
             [&] {
               write_datum();
               check(::write(ends[1], "x", 1) == 1, "not written");
             },
             [&] {
               char byte = 0;
               check(::read(ends[0], &byte, 1) == 1, "not read");
               read_datum();
             });
         close(ends[0]);
         close(ends[1]);
       }},
      {"PriorityInheritingFutex",
       [](const auto& write, const auto& read) {
         std::uint32_t word = 0;
         bool written = false;
         two_threads(
             [&] {
               syscall(SYS_futex, &word, FUTEX_LOCK_PI, 0, nullptr, nullptr, 0);
               write();
               written = true;
               syscall(SYS_futex, &word, FUTEX_UNLOCK_PI, 0, nullptr, nullptr, 0);
             },
             [&] {
               syscall(SYS_futex, &word, FUTEX_LOCK_PI, 0, nullptr, nullptr, 0);
               if (written) read();
               syscall(SYS_futex, &word, FUTEX_UNLOCK_PI, 0, nullptr, nullptr, 0);
             });
       }},
      {"RecursiveMutex", &under_lock<std::recursive_mutex>},
      {"TimedMutex", &under_lock<std::timed_mutex>},
      {"SharedMutexExclusively", &under_lock<std::shared_mutex>},
      {"WriterThenReader",
       [](const auto& write, const auto& read) {
         std::shared_mutex mutex;
         bool written = false;
         two_threads(
             [&] {
               const std::lock_guard held(mutex);
               write();
               written = true;
             },
             [&] {
               const std::shared_lock held(mutex);
               if (written) read();
             });
       }},
      {"ReaderThenWriter",
       [](const auto& write, const auto& read) {
         std::shared_mutex mutex;
         std::atomic<bool> written{false};
         two_threads(
             [&] {
               const std::shared_lock held(mutex);
               write();
               written.store(true, relaxed);
             },
             [&] {
               const std::lock_guard held(mutex);
               if (written.load(relaxed)) read();
             });
       }},
      {"ReaderThenReader",
       [](const auto& write, const auto& read) {
         std::shared_mutex mutex;
         two_threads(
             [&] {
               const std::shared_lock held(mutex);
               write();
             },
             [&] {
               const std::shared_lock held(mutex);
               read();
             });
       },
       false},
      {"Creation",
       [](const auto& write, const auto& read) {
         std::thread outer([&] {
           write();
           std::thread(read).join();
         });
         outer.join();
       }},
      {"Join",
       [](const auto& write, const auto& read) {
         std::thread writer(write);
         std::thread([&] {
           writer.join();
           read();
         }).join();
       }},
      {"ConditionVariable",
       [](const auto& write, const auto& read) {
         std::mutex mutex;
         std::condition_variable changed;
         bool written = false;
         two_threads(
             [&] {
               write();
               const std::lock_guard held(mutex);
               written = true;
               changed.notify_one();
             },
             [&] {
               std::unique_lock held(mutex);
               changed.wait(held, [&] { return written; });
               held.unlock();
               read();
             });
       }},
      {"PosixSemaphore",
       [](const auto& write, const auto& read) {
         sem_t semaphore;
         sem_init(&semaphore, 0, 0);
         two_threads(
             [&] {
               write();
               sem_post(&semaphore);
             },
             [&] {
               sem_wait(&semaphore);
               read();
             });
         sem_destroy(&semaphore);
       }},
      {"StandardSemaphore",
       [](const auto& write, const auto& read) {
         std::binary_semaphore semaphore(0);
         two_threads(
             [&] {
               write();
               semaphore.release();
             },
             [&] {
               semaphore.acquire();
               read();
             });
       }},
      {"PosixBarrier",
       [](const auto& write, const auto& read) {
         pthread_barrier_t barrier;
         pthread_barrier_init(&barrier, nullptr, 2);
         two_threads(
             [&] {
               write();
               pthread_barrier_wait(&barrier);
             },
             [&] {
               pthread_barrier_wait(&barrier);
               read();
             });
         pthread_barrier_destroy(&barrier);
       }},
      {"Latch",
       [](const auto& write, const auto& read) {
         std::latch latch(1);
         two_threads(
             [&] {
               write();
               latch.count_down();
             },
             [&] {
               latch.wait();
               read();
             });
       }},
      {"StandardBarrier",
       [](const auto& write, const auto& read) {
         std::barrier barrier(2);
         two_threads(
             [&] {
               write();
               barrier.arrive_and_wait();
             },
             [&] {
               barrier.arrive_and_wait();
               read();
             });
       }},
      {"Future",
       [](const auto& write, const auto& read) {
         std::promise<int> promise;
         two_threads(
             [&] {
               write();
               promise.set_value(1);
             },
             [&] {
               promise.get_future().get();
               read();
             });
       }},
      {"Once",
       [](const auto& write, const auto& read) {
         std::once_flag flag;
         bool written = false;
         two_threads(
             [&] {
               std::call_once(flag, [&] {
                 write();
                 written = true;
               });
             },
             [&] {
               std::call_once(flag, [] {});
               if (written) read();
             });
       }},
      {"AtomicWait",
       [](const auto& write, const auto& read) {
         std::atomic<int> told{0};
         two_threads(
             [&] {
               write();
               told.store(1, std::memory_order_release);
               told.notify_one();
             },
             [&] {
               told.wait(0, std::memory_order_acquire);
               read();
             });
       }},
      {"OperationsOnOneObject",
       [](const auto& write, const auto& read) {
         bool told = false;
         two_threads(
             [&] {
               write();
               const hooks::operation_scope scope(hooks::operation::other, &told);
               told = true;
             },
             [&] {
               bool learnt = false;
               {
                 const hooks::operation_scope scope(hooks::operation::other, &told);
                 learnt = told;
               }
               if (learnt) read();
             });
       }},
      {"TrustedScope",
       [](const auto& write, const auto& read) {
         bool told = false;
         two_threads(
             [&] {
               write();
               const hooks::operation_scope scope(hooks::operation::other);
               told = true;
             },
             [&] {
               bool learnt = false;
               {
                 const hooks::operation_scope scope(hooks::operation::other);
                 learnt = told;
               }
               if (learnt) read();
             });
       },
       false},
      {"WakeOfOneself",
       [](const auto& write, const auto& read) {
         bool told = false;
         const int tasks[2] = {};
         two_threads(
             [&] {
               const hooks::poll_scope poll(&tasks[0], hooks::task_spawned(&tasks[0], nullptr, {}));
               write();
               const hooks::wake_scope scope(&tasks[0]);
               told = true;
             },
             [&] {
               const hooks::poll_scope poll(&tasks[1], hooks::task_spawned(&tasks[1], nullptr, {}));
               bool learnt = false;
               {
                 const hooks::wake_scope scope(&tasks[1]);
                 learnt = told;
               }
               if (learnt) read();
             });
       },
       false},
      {"Sleep",
       [](const auto& write, const auto& read) {
         two_threads(write, [&] {
           std::this_thread::sleep_for(std::chrono::seconds(1));
           read();
         });
       },
       true, false},
  };
  return all;
}

}  // namespace heddle::sim::testing
