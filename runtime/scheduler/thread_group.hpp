// All threads that a runtime has started: workers, their stand-ins, and those for blocking calls.
//
// How it works. A thread that ends joins the one that ended before it, so that there is at most one ended thread which
// is not joined. Each thread holds a reference to the runtime's core, so that one which a shutdown no longer
// waits for can end in peace whenever that is.
//
// Thread safety. start: any thread. join_all: the owner of the runtime, once, when nobody starts any more.
#pragma once

#include "heddle/runtime/detail/task_owner.hpp"
#include "shutdown_limit.hpp"

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

namespace heddle::detail {

class scheduler;

class thread_group {
 public:
  thread_group() = default;
  thread_group(const thread_group&) = delete;
  thread_group& operator=(const thread_group&) = delete;

  // Runs `body` on a new thread, inside a context in which blocking is allowed. Throws std::system_error.
  void start(owner_ptr<scheduler> core, std::function<void()> body);

  // Waits for all threads to end. When the time is over first, those left are on their own.
  void join_all(const shutdown_limit& limit) noexcept;

 private:
  using place = std::list<std::thread>::iterator;

  void run(scheduler& core, const std::function<void()>& body, place own) noexcept;

  std::mutex mutex_;
  std::condition_variable ended_;
  std::list<std::thread> running_;  // under mutex_
  std::thread last_ended_;          // under mutex_
  bool is_abandoned_ = false;       // under mutex_: the threads left are detached, and not in running_
};

}  // namespace heddle::detail
