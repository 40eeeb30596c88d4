// The settings of a runtime, collected before it is started.
//
// How it works. Each setter checks its value, keeps it and returns the builder; `build` starts the threads. A builder
// can be copied, and can build several runtimes.
//
//     auto rt = heddle::runtime::builder().worker_threads(4).thread_name("orders").build();
//
// Errors. Setters throw std::invalid_argument, with the range in the message, and keep what was set before.
//
// Thread safety. One thread at a time.
#pragma once

#include "heddle/runtime/detail/runtime_settings.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace heddle {

class runtime;

class runtime_builder {
 public:
  static constexpr std::size_t worker_threads_max = 1024;
  static constexpr std::size_t blocking_threads_max = 65536;

  // Worker threads that steal from each other; the default.
  runtime_builder& multi_thread() noexcept;
  // No worker threads: tasks run inside block_on.
  runtime_builder& current_thread() noexcept;
  // 1 to worker_threads_max; by default one for each hardware thread. Ignored by current_thread().
  runtime_builder& worker_threads(std::size_t count);
  // The most threads for spawn_blocking, 1 to blocking_threads_max; 512 by default.
  runtime_builder& max_blocking_threads(std::size_t count);
  // How long a thread for blocking calls waits for the next before it ends, more than zero; 10 seconds by default.
  runtime_builder& thread_keep_alive(std::chrono::nanoseconds keep_alive);

  // What worker threads and threads for blocking calls are called in debuggers; "heddle-worker" by default. Not empty,
  // and without null characters; the operating system shows the first 15 bytes.
  runtime_builder& thread_name(std::string name);
  // The same, made by `make_name` for each thread, on that thread. Not an empty function. What it throws ends the
  // process.
  runtime_builder& thread_name(std::function<std::string()> make_name);
  // Called on each thread of the runtime before it runs anything, and after it has run everything. Not an empty
  // function. What it throws ends the process.
  runtime_builder& on_thread_start(std::function<void()> call);
  runtime_builder& on_thread_stop(std::function<void()> call);

  // How many tasks a busy thread runs between looks at the timers, at least 1; 61 by default. Fewer: timers are more
  // punctual under load, and cost more.
  runtime_builder& event_interval(std::uint32_t tasks);
  // How many tasks a busy thread runs from its own queue between looks at the shared one, at least 1; by default 61 for
  // multi_thread(), 31 for current_thread(). Fewer: tasks woken by other threads wait less.
  runtime_builder& global_queue_interval(std::uint32_t tasks);

  // Watches for polls that keep a worker from its other tasks, and reports them (stall.hpp); off by default. Throws
  // std::invalid_argument for a threshold of less than a millisecond or no report a minute.
  runtime_builder& watch_stalls(stall_options chosen = {});

  // Starts the runtime. Throws std::system_error if a worker thread cannot be started; none is left running then.
  [[nodiscard]] runtime build() const;

 private:
  detail::runtime_settings settings_;
};

}  // namespace heddle
