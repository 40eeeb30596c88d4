// A whole program: its one argument says whether it counts well.
#include <atomic>
#include <cassert>
#include <cstdlib>
#include <cstring>
#include <thread>

int main(int argc, char** argv) {
  const bool careful = argc > 1 && std::strcmp(argv[1], "careful") == 0;
  std::atomic<int> count{0};
  const auto work = [&] {
    if (careful) {
      count.fetch_add(1);
    } else {
      count.store(count.load() + 1);
    }
  };
  std::thread other(work);
  work();
  other.join();
  if (count.load() != 2) std::abort();
}
