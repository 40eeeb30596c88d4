// Explores as many schedules as its argument says and prints its peak memory in kilobytes. The test
// beside it counts its system calls: they must not depend on the argument.
#include "../support.hpp"

#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

#include <sys/resource.h>

using namespace heddle::sim::testing;

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  // Not run_schedules, which keeps something of each schedule.
  const std::uint64_t schedules = std::strtoull(argv[1], nullptr, 10);
  const auto body = [] {
    std::mutex mutex;
    std::condition_variable condition;
    int arrived = 0;
    const auto meet = [&] {
      std::unique_lock lock(mutex);
      ++arrived;
      condition.notify_all();
      condition.wait(lock, [&] { return arrived == 3; });
    };
    std::thread one(meet);
    std::thread two(meet);
    meet();
    one.join();
    two.join();
    std::this_thread::sleep_for(std::chrono::hours{1});
    try {
      throw 1;
    } catch (int) {
      arrived = 0;
    }
  };
  heddle::sim::machine_options options;
  options.weak_memory = options.races = true;
  heddle::sim::machine on(options);
  std::uint64_t failed = 0;
  for (std::uint64_t seed = 1; seed <= schedules; ++seed) {
    seeded_source source(seed);
    failed += on.run(source, body).failures.size();
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("%ld\n", usage.ru_maxrss);
  return failed == 0 ? 0 : 1;
}
