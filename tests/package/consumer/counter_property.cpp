#include "counter.hpp"

#include <heddle/rapidcheck.hpp>

HEDDLE_ASYNC_PROPERTY(Counter, CountsAnyNumberOfTasks, (unsigned char count)) {
  auto hits = std::make_shared<std::atomic<int>>(0);
  std::vector<heddle::join_handle<void>> all;
  for (int i = 0; i < count % 8; ++i) all.push_back(heddle::spawn(add_one(hits)));
  for (auto& each : all) static_cast<void>(co_await each);
  RC_ASSERT(hits->load() == count % 8);
}
