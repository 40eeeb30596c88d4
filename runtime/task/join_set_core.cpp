// The queue of tasks that have ended; see detail/join_set_core.hpp. Thread safety: as declared there.
#include "heddle/runtime/detail/join_set_core.hpp"

#include "heddle/hooks.hpp"

#include <utility>

namespace heddle::detail {

struct join_set_entry::waker_functions {
  static join_set_entry& entry(const void* data) noexcept {
    return *static_cast<join_set_entry*>(const_cast<void*>(data));
  }

  static raw_waker clone(const void* data) noexcept {
    entry(data).add_reference();
    return raw_waker(data, &waker_behaviour);
  }
  static void wake(const void* data) noexcept {
    entry(data).finished();
    entry(data).release();
  }
  static void wake_by_ref(const void* data) noexcept { entry(data).finished(); }
  static void drop(const void* data) noexcept { entry(data).release(); }
};

constinit const waker_vtable join_set_entry::waker_behaviour{&waker_functions::clone, &waker_functions::wake,
                                                             &waker_functions::wake_by_ref, &waker_functions::drop};

join_set_entry::join_set_entry(std::shared_ptr<join_set_core> core) noexcept : core_(std::move(core)) {}

join_set_entry::~join_set_entry() = default;

waker join_set_entry::make_waker() noexcept {
  return waker(waker_functions::clone(this));
}

void join_set_entry::add_reference() noexcept {
  // Relaxed: the caller has a reference, and passes the new one on by other synchronisation.
  references_.fetch_add(1, std::memory_order_relaxed);
}

void join_set_entry::release() noexcept {
  // acq_rel: the last owner destroys what the others used.
  if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

void join_set_entry::finished() noexcept {
  const hooks::operation_scope operation(hooks::operation::channel_send, core_.get());
  core_->push(*this);
}

void join_set_core::push(join_set_entry& entry) noexcept {
  waker waiting;
  {
    const std::lock_guard lock(mutex_);
    if (closed_ || entry.is_queued_) return;
    entry.is_queued_ = true;
    entry.next_finished_ = nullptr;
    (last_ == nullptr ? first_ : last_->next_finished_) = &entry;
    last_ = &entry;
    waiting = std::move(waiting_);
  }
  if (waiting) std::move(waiting).wake();
}

// REQUIRES: mutex_ is held.
join_set_entry* join_set_core::pop() noexcept {
  join_set_entry* const entry = first_;
  if (entry == nullptr) return nullptr;
  first_ = entry->next_finished_;
  if (first_ == nullptr) last_ = nullptr;
  entry->is_queued_ = false;
  return entry;
}

join_set_entry* join_set_core::take_finished() noexcept {
  const hooks::operation_scope operation(hooks::operation::join, this);
  const std::lock_guard lock(mutex_);
  return pop();
}

join_set_entry* join_set_core::poll_finished(const waker& current) noexcept {
  const hooks::operation_scope operation(hooks::operation::join, this);
  join_set_entry* const entry = pop_or_wait(current);
  if (entry == nullptr) hooks::blocked_on("join_set", this);
  return entry;
}

join_set_entry* join_set_core::pop_or_wait(const waker& current) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (join_set_entry* const entry = pop()) return entry;
    if (waiting_.will_wake(current)) return nullptr;
  }
  waker replaced = current.clone();
  const std::lock_guard lock(mutex_);
  if (join_set_entry* const entry = pop()) return entry;
  // Swapped, not assigned: the mutex is released before the old waker is dropped.
  std::swap(waiting_, replaced);
  return nullptr;
}

void join_set_core::close() noexcept {
  const hooks::operation_scope operation(hooks::operation::other, this);
  waker dropped;
  const std::lock_guard lock(mutex_);
  closed_ = true;
  while (pop() != nullptr) {
  }
  std::swap(waiting_, dropped);
}

}  // namespace heddle::detail
