// Tasks and futures that many tests of the schedulers need.
#pragma once

#include "drop_counter.hpp"
#include "heddle/runtime/task.hpp"
#include "heddle/runtime/yield_now.hpp"

#include <atomic>

namespace heddle::test {

// Never ready; only a drop ends it.
struct never {
  poll_result<> poll(context&) { return pending; }
};

inline task<int> value_of(int value) {
  co_return value;
}
inline task<> forever(std::atomic<int>& started, drop_counter) {
  started.fetch_add(1);
  never end;
  co_await end;
}
inline task<> until(const std::atomic<int>& value, int goal) {
  while (value.load() < goal) co_await yield_now();
}

}  // namespace heddle::test
