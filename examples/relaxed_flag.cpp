// A flag that is set with the wrong memory order: it says that the answer is there, and the answer is not.
//
// x86-64 never shows this, however often the test runs: its stores become visible in order. The C++ standard promises
// that only of a release, and other processors and compilers take it at its word. Under heddle an atomic load may
// return whatever the standard allows, so the bug is found on any machine. The fix is one word.
#include <heddle/gtest.hpp>

#include <atomic>
#include <thread>

namespace {

class mailbox {
 public:
  void put(int letter, std::memory_order order) {
    letter_.store(letter, std::memory_order_relaxed);
    is_full_.store(true, order);
  }

  // 0: none yet.
  int look() const {
    if (!is_full_.load(std::memory_order_acquire)) return 0;
    return letter_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<int> letter_{-1};
  std::atomic<bool> is_full_{false};
};

void send_one(std::memory_order order) {
  mailbox box;
  std::thread sender([&] { box.put(42, order); });
  const int letter = box.look();
  EXPECT_TRUE(letter == 0 || letter == 42) << "there is a letter, and it reads " << letter;
  sender.join();
}

HEDDLE_TEST(RelaxedFlag, Broken) {
  send_one(std::memory_order_relaxed);
}

HEDDLE_TEST(RelaxedFlag, Fixed) {
  send_one(std::memory_order_release);
}

}  // namespace
