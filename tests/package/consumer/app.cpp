#include "counter.hpp"

#include <utility>

namespace {

heddle::task<int> count_to_two() {
  auto hits = std::make_shared<std::atomic<int>>(0);
  auto first = heddle::spawn(add_one(hits));
  auto second = heddle::spawn(add_one(hits));
  static_cast<void>(co_await first);
  static_cast<void>(co_await second);
  co_return hits->load();
}

}  // namespace

int main() {
  return heddle::run(count_to_two()) == 2 ? 0 : 1;
}
