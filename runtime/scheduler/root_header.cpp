// The wakers of a block_on; see root_header.hpp. Thread safety: as declared there.
#include "root_header.hpp"

#include "heddle/runtime/assert.hpp"

namespace heddle::detail {

struct root_header::waker_functions {
  static root_header& header(const void* data) noexcept { return *static_cast<root_header*>(const_cast<void*>(data)); }

  static raw_waker clone(const void* data) noexcept {
    // Relaxed: the caller has a reference, and passes the new one on by other synchronisation.
    header(data).references_.fetch_add(1, std::memory_order_relaxed);
    hooks::waker_made(data, header(data).observed_);
    return raw_waker(data, &waker_behaviour);
  }
  static void wake(const void* data) noexcept {
    hooks::waker_gone(data, header(data).observed_, hooks::waker_end::used);
    header(data).wake();
    header(data).release();
  }
  static void wake_by_ref(const void* data) noexcept { header(data).wake(); }
  static void drop(const void* data) noexcept {
    hooks::waker_gone(data, header(data).observed_, hooks::waker_end::dropped);
    header(data).release();
  }
};

constinit const waker_vtable root_header::waker_behaviour{&waker_functions::clone, &waker_functions::wake,
                                                          &waker_functions::wake_by_ref, &waker_functions::drop};

void root_header::wake() noexcept {
  const hooks::wake_scope operation(this);
  // acq_rel: pairs with take_woken.
  if (!woken_.exchange(true, std::memory_order_acq_rel)) thread_->unpark();
}

void root_header::release() noexcept {
  // acq_rel: the last owner destroys what the others used.
  if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

bool root_header::poll(root_future& root) noexcept {
  const waker_ref self(raw_waker(this, &waker_behaviour));
  poll_budget budget;
  context cx(self.get(), budget);
  {
    const hooks::poll_scope poll(this, observed_);
    if (!root.poll(cx)) return false;
  }
  hooks::task_ended(this, root.has_failed() ? hooks::task_end::failed : hooks::task_end::completed);
  return true;
}

}  // namespace heddle::detail
