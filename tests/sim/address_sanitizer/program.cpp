// The machine in a program built with AddressSanitizer and without instrumentation: exceptions, frames that are
// abandoned, threads that leave from within, handlers. Without arguments nothing may be reported; with one, a thread
// writes beyond an array of its stack, which must be.
#include "../support.hpp"

#include <csignal>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include <pthread.h>
#include <unistd.h>

namespace {

using namespace heddle::sim;
using namespace heddle::sim::testing;

volatile std::size_t beyond = 0;

// Keeps the array on the stack.
[[gnu::noinline]] void touch(volatile char* byte) {
  *byte = 1;
}

[[gnu::noinline]] void use_locals(int depth) {
  char bytes[200];
  std::memset(bytes, depth, sizeof bytes);
  if (depth > 0) use_locals(depth - 1);
  touch(bytes + beyond);
}

// Throws below frames with arrays, over whose red zones others then run.
[[gnu::noinline]] void throw_below(int depth) {
  char bytes[64];
  touch(bytes);
  if (depth == 0) throw std::runtime_error("deep");
  throw_below(depth - 1);
  touch(bytes + 1);
}

void work(std::mutex& mutex) {
  for (int i = 0; i < 5; ++i) {
    try {
      const std::lock_guard lock(mutex);
      throw_below(20);
    } catch (const std::runtime_error&) {
      std::this_thread::yield();
    }
    use_locals(20);
  }
}

void body() {
  std::mutex mutex;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { work(mutex); });
  threads.emplace_back([] {
    use_locals(5);
    pthread_exit(nullptr);
  });
  std::thread cancelled([] {
    use_locals(5);
    for (;;) sleep(1);
  });
  pthread_kill(threads.front().native_handle(), SIGUSR1);
  pthread_cancel(cancelled.native_handle());
  cancelled.join();
  for (std::thread& one : threads) one.join();
  use_locals(20);
}

// Abandoned in the middle of frames with red zones, which the next execution runs over.
void abandoned_body() {
  std::thread other([] {
    char bytes[64];
    touch(bytes);
    check(false, "on purpose");
    touch(bytes + 1);
  });
  other.join();
}

}  // namespace

int main(int count, char**) {
  std::signal(SIGUSR1, [](int) { use_locals(3); });
  if (count > 1) beyond = 200;
  for (int round = 0; round < 5; ++round) {
    if (run_schedules(20, &abandoned_body).failed != 20) return 2;
    const summary all = run_schedules(20, &body);
    if (all.failed == 0) continue;
    std::fprintf(stderr, "%s\n", all.failures.front().message.c_str());
    return 3;
  }
  return 0;
}
