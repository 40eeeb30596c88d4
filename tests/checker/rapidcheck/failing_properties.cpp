// Properties that must fail, run by property_process_test.cpp.
#include "heddle/rapidcheck.hpp"

#include <atomic>
#include <thread>
#include <vector>

namespace {

int* volatile nowhere = nullptr;

HEDDLE_PROPERTY(FailingProperty, CrashesOnSome, (int number)) {
  if (number > 5) *nowhere = number;
}

HEDDLE_PROPERTY(FailingProperty, LosesAnUpdate, (std::vector<int> left, std::vector<int> right)) {
  std::atomic<std::size_t> count{0};
  const auto add_all = [&](const std::vector<int>& all) {
    for (std::size_t i = 0; i < all.size(); ++i) count.store(count.load() + 1);
  };
  std::thread other([&] { add_all(right); });
  add_all(left);
  other.join();
  RC_ASSERT(count.load() == left.size() + right.size());
}

HEDDLE_PROPERTY(FailingProperty, AssertsOnAnotherThread, (int number)) {
  std::thread other([number] { RC_ASSERT(number < 3); });
  other.join();
}

}  // namespace
