// Checking the settings of a runtime, and starting it; see runtime_builder.hpp. Thread safety: as declared there.
#include "heddle/runtime/runtime_builder.hpp"

#include "blocking/blocking_pool.hpp"
#include "heddle/runtime/runtime.hpp"
#include "scheduler/current_thread.hpp"
#include "scheduler/multi_thread.hpp"
#include "scheduler/thread_group.hpp"
#include "time/timer_driver.hpp"

#include <algorithm>
#include <stdexcept>
#include <thread>
#include <utility>

namespace heddle {

namespace {

void demand(bool is_right, const char* message) {
  if (!is_right) throw std::invalid_argument(message);
}

}  // namespace

runtime_builder& runtime_builder::multi_thread() noexcept {
  settings_.multi_thread = true;
  return *this;
}

runtime_builder& runtime_builder::current_thread() noexcept {
  settings_.multi_thread = false;
  return *this;
}

runtime_builder& runtime_builder::worker_threads(std::size_t count) {
  demand(count >= 1 && count <= worker_threads_max, "heddle: worker_threads takes 1 to 1024 threads");
  settings_.worker_threads = count;
  return *this;
}

runtime_builder& runtime_builder::max_blocking_threads(std::size_t count) {
  demand(count >= 1 && count <= blocking_threads_max, "heddle: max_blocking_threads takes 1 to 65536 threads");
  settings_.max_blocking_threads = count;
  return *this;
}

runtime_builder& runtime_builder::thread_keep_alive(std::chrono::nanoseconds keep_alive) {
  demand(keep_alive > std::chrono::nanoseconds::zero(), "heddle: thread_keep_alive takes a duration of more than zero");
  settings_.thread_keep_alive = keep_alive;
  return *this;
}

runtime_builder& runtime_builder::thread_name(std::string name) {
  demand(!name.empty() && name.find('\0') == std::string::npos,
         "heddle: thread_name takes a name that is not empty and has no null character");
  settings_.thread_name = [kept = std::move(name)] { return kept; };
  return *this;
}

runtime_builder& runtime_builder::thread_name(std::function<std::string()> make_name) {
  demand(static_cast<bool>(make_name), "heddle: thread_name takes a name or a function, not an empty function");
  settings_.thread_name = std::move(make_name);
  return *this;
}

runtime_builder& runtime_builder::on_thread_start(std::function<void()> call) {
  demand(static_cast<bool>(call), "heddle: on_thread_start takes a function that is not empty");
  settings_.on_thread_start = std::move(call);
  return *this;
}

runtime_builder& runtime_builder::on_thread_stop(std::function<void()> call) {
  demand(static_cast<bool>(call), "heddle: on_thread_stop takes a function that is not empty");
  settings_.on_thread_stop = std::move(call);
  return *this;
}

runtime_builder& runtime_builder::event_interval(std::uint32_t tasks) {
  demand(tasks >= 1, "heddle: event_interval takes at least 1 task");
  settings_.event_interval = tasks;
  return *this;
}

runtime_builder& runtime_builder::global_queue_interval(std::uint32_t tasks) {
  demand(tasks >= 1, "heddle: global_queue_interval takes at least 1 task");
  settings_.global_queue_interval = tasks;
  return *this;
}

runtime_builder& runtime_builder::watch_stalls(stall_options chosen) {
  demand(chosen.threshold >= std::chrono::milliseconds(1), "heddle: watch_stalls takes a threshold of at least 1 ms");
  demand(chosen.reports_per_minute_max >= 1, "heddle: watch_stalls takes at least 1 report a minute");
  settings_.watch_stalls = std::move(chosen);
  return *this;
}

runtime runtime_builder::build() const {
  auto settings = std::make_shared<detail::runtime_settings>(settings_);
  if (settings->worker_threads == 0) {
    const std::size_t hardware = std::max<std::size_t>(1, std::thread::hardware_concurrency());
    settings->worker_threads = std::min(hardware, worker_threads_max);
  }
  detail::runtime_parts parts{
      .settings = settings,
      .timers = std::make_shared<detail::timer_driver>(),
      .blocking =
          detail::owner_ptr<detail::blocking_pool>::make(settings->max_blocking_threads, settings->thread_keep_alive),
      .threads = std::make_shared<detail::thread_group>(),
  };
  if (!settings->multi_thread) {
    auto core = detail::owner_ptr<detail::current_thread_scheduler>::make(std::move(parts));
    core->start();
    return runtime(std::move(core));
  }
  auto core = detail::owner_ptr<detail::multi_thread_scheduler>::make(std::move(parts));
  core->start();
  return runtime(std::move(core));
}

}  // namespace heddle
