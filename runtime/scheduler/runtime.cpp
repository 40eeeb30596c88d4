// Building a runtime and taking it down; see runtime.hpp. Thread safety: as declared there.
#include "heddle/runtime/runtime.hpp"

#include "blocking/blocking_pool.hpp"
#include "heddle/hooks.hpp"
#include "scheduler/current_thread.hpp"
#include "scheduler/multi_thread.hpp"
#include "scheduler/thread_context.hpp"
#include "time/timer_driver.hpp"

#include <algorithm>
#include <stdexcept>
#include <thread>

namespace heddle {

runtime_builder& runtime_builder::multi_thread() noexcept {
  multi_thread_ = true;
  return *this;
}

runtime_builder& runtime_builder::current_thread() noexcept {
  multi_thread_ = false;
  return *this;
}

runtime_builder& runtime_builder::worker_threads(std::size_t count) {
  if (count < 1 || count > worker_threads_max) {
    throw std::invalid_argument("heddle: worker_threads takes 1 to 1024 threads");
  }
  worker_threads_ = count;
  return *this;
}

runtime_builder& runtime_builder::max_blocking_threads(std::size_t count) {
  if (count < 1 || count > blocking_threads_max) {
    throw std::invalid_argument("heddle: max_blocking_threads takes 1 to 65536 threads");
  }
  max_blocking_threads_ = count;
  return *this;
}

runtime runtime_builder::build() const {
  auto timers = std::make_shared<detail::timer_driver>();
  auto blocking = std::make_shared<detail::blocking_pool>(max_blocking_threads_);
  if (!multi_thread_) {
    return runtime(std::make_shared<detail::current_thread_scheduler>(std::move(timers), std::move(blocking)));
  }
  const std::size_t hardware = std::max<std::size_t>(1, std::thread::hardware_concurrency());
  const std::size_t count = worker_threads_ != 0 ? worker_threads_ : std::min(hardware, worker_threads_max);
  auto core = std::make_shared<detail::multi_thread_scheduler>(std::move(timers), std::move(blocking), count);
  core->start();
  return runtime(std::move(core));
}

runtime& runtime::operator=(runtime&& other) noexcept {
  if (this != &other) {
    shutdown();
    core_ = std::move(other.core_);
  }
  return *this;
}

runtime::~runtime() {
  shutdown();
}

void runtime::shutdown() noexcept {
  if (core_ == nullptr) return;
  const detail::thread_context* const here = detail::thread_context::innermost();
  const bool may_wait =
      here == nullptr || (here->role() == detail::thread_role::runs_blocking && &here->current() != core_.get());
  HEDDLE_ASSERT(
      may_wait,
      "a runtime is destroyed inside async code, or by one of its own threads, where it would wait for itself; "
      "move it out and destroy it on a plain thread");
  const hooks::operation_scope operation(hooks::operation::shutdown, core_.get());
  core_->shutdown();
  core_->timers()->close();
  core_->blocking()->shutdown();
  core_.reset();
}

}  // namespace heddle
