// What clang says with -Wthread-safety of values that are bound to their thread: an error for each line below an
// `expect:`, and for no other. `check_messages` compares.
#include "heddle/runtime.hpp"

#include <memory>
#include <string>

using heddle::local_task;
using heddle::task;
using heddle::thread_bound;

task<int> lives_across_an_await() {
  thread_bound<int> value(1);
  // expect: cannot call function 'await_transform' while object 'bound_to_this_thread' is held
  co_await heddle::yield_now();
  co_return *value;
}
task<int> lives_across_the_await_of_a_task() {
  const thread_bound<std::string> value("x");
  // expect: cannot call function 'await_transform' while object 'bound_to_this_thread' is held
  co_return co_await lives_across_an_await() + static_cast<int>(value->size());
}
task<> lives_across_in_a_loop(int rounds) {
  for (int i = 0; i < rounds; ++i) {
    thread_bound<int> value(i);
    // expect: cannot call function 'await_transform' while object 'bound_to_this_thread' is held
    co_await heddle::yield_now();
  }
}
task<> two_live_across() {
  thread_bound<int> first(1);
  thread_bound<long> second(2);
  // expect: cannot call function 'await_transform' while object 'bound_to_this_thread' is held
  co_await heddle::yield_now();
}
heddle::dyn_task<> lives_across_in_a_dyn_task() {
  thread_bound<int> value(1);
  // expect: cannot call function 'await_transform' while object 'bound_to_this_thread' is held
  co_await heddle::yield_now();
}

// The twins, of which nothing is said.
task<int> ends_before_the_await() {
  int copy = 0;
  {
    thread_bound<int> first(1);
    thread_bound<int> second(2);
    copy = *first + *second;
  }
  co_await heddle::yield_now();
  thread_bound<int> last(copy);
  co_return *last;
}
task<> ends_on_each_path(int kind) {
  for (int i = 0; i < kind; ++i) {
    thread_bound<int> value(i);
    if (i == 3) continue;
    if (i == 5) break;
    if (i == 7) co_return;
    ++*value;
  }
  if (kind > 1) {
    thread_bound<int> value(kind);
    ++*value;
  }
  co_await heddle::yield_now();
}
local_task<int> stays_on_its_thread() {
  thread_bound<int> value(1);
  auto pause = heddle::yield_now();
  co_await pause;
  co_return *value;
}
struct window {
  thread_bound<int> context{1};
};
int no_coroutine(bool both) {
  static thread_bound<int> kept(1);
  thread_bound<int> first(1);
  window own;
  const auto elsewhere = std::make_unique<thread_bound<int>>(2);
  if (both) {
    thread_bound<int> second(2);
    return *first + *second;
  }
  return *first + *kept + *own.context + **elsewhere;
}
