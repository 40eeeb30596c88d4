#include <heddle/check.hpp>

#include <atomic>
#include <thread>

namespace {

// Two threads add one to a counter, by load and store or by fetch_add.
bool an_update_is_lost(bool atomically) {
  heddle::check::options chosen;
  chosen.schedules = 1000;
  return heddle::check::explore(chosen,
                                [atomically] {
                                  std::atomic<int> count{0};
                                  auto add_one = [&] {
                                    if (atomically) {
                                      count.fetch_add(1);
                                    } else {
                                      count.store(count.load() + 1);
                                    }
                                  };
                                  std::thread other(add_one);
                                  add_one();
                                  other.join();
                                  HEDDLE_CHECK(count.load() == 2);
                                })
      .failed();
}

}  // namespace

int main() {
  return an_update_is_lost(false) && !an_update_is_lost(true) ? 0 : 1;
}
