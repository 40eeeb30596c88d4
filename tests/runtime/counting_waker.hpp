// A waker that counts, for polling futures by hand. Thread safety: any thread; it outlives its clones.
#pragma once

#include "heddle/runtime/context.hpp"
#include "heddle/runtime/send.hpp"
#include "heddle/runtime/waker.hpp"

#include <atomic>

namespace heddle::test {

class counting_waker {
 public:
  using declare_send = declared_true<counting_waker, "its counts are atomic">;

  counting_waker() = default;
  counting_waker(const counting_waker&) = delete;
  counting_waker& operator=(const counting_waker&) = delete;

  // A new waker, which counts as one reference until it is dropped.
  waker make() const {
    references_.fetch_add(1);
    return waker(raw_waker(this, &behaviour));
  }

  int wakes() const { return wakes_.load(); }
  int references() const { return references_.load(); }

 private:
  static const counting_waker& self(const void* data) { return *static_cast<const counting_waker*>(data); }
  static raw_waker clone(const void* data) noexcept {
    self(data).references_.fetch_add(1);
    return raw_waker(data, &behaviour);
  }
  static void wake(const void* data) noexcept {
    wake_by_ref(data);
    drop(data);
  }
  static void wake_by_ref(const void* data) noexcept { self(data).wakes_.fetch_add(1); }
  static void drop(const void* data) noexcept { self(data).references_.fetch_sub(1); }

  static constexpr waker_vtable behaviour{&clone, &wake, &wake_by_ref, &drop};

  mutable std::atomic<int> wakes_{0};
  mutable std::atomic<int> references_{0};
};

// Polls with a counting waker.
class hand_poller {
 public:
  template <class F>
  auto poll(F& future) {
    const waker current = counter.make();
    context cx(current);
    return future.poll(cx);
  }

  counting_waker counter;
};

}  // namespace heddle::test
