// Registering timers, firing them, and the wait for the earliest; see timer_driver.hpp. Thread safety: as declared
// there.
#include "time/timer_driver.hpp"

#include "heddle/hooks.hpp"
#include "heddle/runtime/assert.hpp"

#include <utility>

namespace heddle::detail {

timer_driver::~timer_driver() {
  HEDDLE_ASSERT(registered_ == 0, "a runtime's timers are destroyed while a sleep is registered");
}

timer_status timer_driver::insert(timer_entry& entry, clock::time_point now, const waker& current) {
  waker waiting = current.clone();
  const std::lock_guard lock(mutex_);
  if (closed_) return timer_status::closed;
  wheel_.skip_to(timer_wheel::last_tick_before(now));
  if (!link(entry)) return timer_status::fired;
  std::swap(entry.waiting, waiting);
  ++registered_;
  return timer_status::waiting;
}

bool timer_driver::link(timer_entry& entry) noexcept {
  const std::uint64_t tick = timer_wheel::first_tick_after(entry.deadline);
  if (tick <= wheel_.now()) return false;
  wheel_.insert(entry);
  // Relaxed: written under the lock only.
  if (tick < next_.load(std::memory_order_relaxed)) {
    publish_next(tick);
    condition_.notify_one();
  }
  return true;
}

std::shared_ptr<timer_driver> timer_driver::unregister() noexcept {
  return --registered_ == 0 ? std::move(self_) : nullptr;
}

timer_status timer_driver::check(timer_entry& entry, const waker& current) noexcept {
  std::shared_ptr<timer_driver> last;
  waker replaced;
  const auto look = [&]() noexcept {
    const timer_status status = entry.status();
    if (status == timer_status::fired) last = unregister();
    return status;
  };
  {
    const std::lock_guard lock(mutex_);
    const timer_status status = look();
    if (status != timer_status::waiting || entry.waiting.will_wake(current)) return status;
  }
  replaced = current.clone();
  const std::lock_guard lock(mutex_);
  const timer_status status = look();
  // Swapped, not assigned: the lock goes before the old waker is dropped.
  if (status == timer_status::waiting) std::swap(entry.waiting, replaced);
  return status;
}

bool timer_driver::reset(timer_entry& entry, clock::time_point deadline) noexcept {
  std::shared_ptr<timer_driver> last;
  waker due;
  {
    const std::lock_guard lock(mutex_);
    entry.deadline = deadline;
    switch (entry.status()) {
      case timer_status::closed:
        return true;
      case timer_status::fired:
        last = unregister();
        return false;
      case timer_status::waiting:
        break;
    }
    wheel_.remove(entry);
    if (link(entry)) return true;
    due = std::move(entry.waiting);
  }
  std::move(due).wake();
  return true;
}

void timer_driver::remove(timer_entry& entry) noexcept {
  std::shared_ptr<timer_driver> last;
  waker dropped;
  const std::lock_guard lock(mutex_);
  last = unregister();
  wheel_.remove(entry);
  // `next_` stays: a timer that is armed and cancelled over and over does not wake the driver each time.
  dropped = std::move(entry.waiting);
}

void timer_driver::park() {
  std::unique_lock lock(mutex_);
  clock::time_point now = clock::now();
  while (!woken_) {
    const std::uint64_t next = wheel_.next_tick();
    publish_next(next);
    if (next == timer_wheel::never) {
      condition_.wait(lock);
    } else {
      if (next <= timer_wheel::last_tick_before(now)) break;
      condition_.wait_until(lock, timer_wheel::time_of(next));
    }
    now = clock::now();
  }
  woken_ = false;
  fire(lock, now);
}

void timer_driver::fire_due() {
  // Relaxed: a hint, looked at again under the lock.
  const std::uint64_t next = next_.load(std::memory_order_relaxed);
  if (next == timer_wheel::never) return;
  const clock::time_point now = clock::now();
  if (next > timer_wheel::last_tick_before(now)) return;
  std::unique_lock lock(mutex_);
  fire(lock, now);
}

void timer_driver::unpark() noexcept {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  condition_.notify_one();
}

void timer_driver::close(const std::shared_ptr<timer_driver>& self) noexcept {
  std::unique_lock lock(mutex_);
  closed_ = true;
  if (registered_ > 0) self_ = self;
  while (timer_entry* const entry = wheel_.take_any()) {
    entry->set_closed();
    waker waiting = std::move(entry->waiting);
    lock.unlock();
    std::move(waiting).wake();
    lock.lock();
  }
  publish_next(timer_wheel::never);
}

// Wakes what is due at `now`. Takes the lock, and gives it back.
void timer_driver::fire(std::unique_lock<std::mutex>& lock, clock::time_point now) {
  const std::uint64_t until = timer_wheel::last_tick_before(now);
  batch due;
  for (;;) {
    const std::size_t count = take_due(until, due);
    if (count < batch_max) publish_next(wheel_.next_tick());
    lock.unlock();
    for (std::size_t i = 0; i < count; ++i) std::move(due[i]).wake();
    if (count < batch_max) return;
    lock.lock();
  }
}

// Takes up to batch_max entries that are due out of the wheel, and moves their wakers to `due`: by tick, and those of
// one tick in an order that is the observer's to choose.
std::size_t timer_driver::take_due(std::uint64_t until, batch& due) noexcept {
  std::array<timer_entry*, batch_max> tied{};
  std::size_t taken = 0;
  while (taken < batch_max) {
    auto count = static_cast<std::uint32_t>(wheel_.take_due(until, tied.data(), batch_max - taken));
    if (count == 0) break;
    while (count > 0) {
      const std::uint32_t chosen = count == 1 ? 0 : hooks::choose(hooks::choice::timer_tie, count, 0);
      timer_entry& entry = *tied[chosen];
      due[taken++] = std::move(entry.waiting);
      for (std::uint32_t i = chosen + 1; i < count; ++i) tied[i - 1] = tied[i];
      --count;
    }
  }
  return taken;
}

void timer_driver::publish_next(std::uint64_t tick) noexcept {
  // Relaxed: see fire_due and link.
  if (next_.load(std::memory_order_relaxed) != tick) next_.store(tick, std::memory_order_relaxed);
}

}  // namespace heddle::detail
