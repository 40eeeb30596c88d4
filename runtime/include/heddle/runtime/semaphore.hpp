// A fair counting semaphore: at most so many at a time, and who waits longest comes first.
//
// How it works. See detail/permit_queue.hpp. A waiter that needs many permits is not overtaken by those who need few.
// Acquired permits come as an object that returns them when it is destroyed, wherever that is.
//
//     heddle::sync::semaphore connections(10);
//     auto permit = co_await connections.acquire();
//     if (permit) co_await talk();   // permit.has_value() is false once the semaphore is closed
//
//     auto shared = std::make_shared<heddle::sync::semaphore>(10);
//     auto owned = co_await heddle::sync::acquire_owned(shared);   // keeps the semaphore alive, goes into any task
//
// The coroutine resumes on its own runtime. Returning permits never runs it inline.
//
// Cancellation. Cancel-safe: a waiter that is dropped leaves the queue and has taken nothing; permits that had been
// granted to it are passed on. A later acquire starts at the end of the queue.
//
// Thread safety. Any thread, any task. REQUIRES: the semaphore outlives its futures and its permits, but for owned
// ones.
#pragma once

#include "heddle/runtime/assert.hpp"
#include "heddle/runtime/detail/semaphore_core.hpp"
#include "heddle/runtime/future.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include <tl/expected.hpp>

namespace heddle::sync {

// The semaphore was closed.
struct acquire_error {
  friend constexpr bool operator==(acquire_error, acquire_error) noexcept = default;
};

// Why try_acquire gave nothing: no permits now (or others wait for them), or closed.
enum class try_acquire_error : std::uint8_t { no_permits, closed };

class semaphore;

namespace detail {

using heddle::detail::permit_count;
using heddle::detail::permit_status;
using heddle::detail::permit_waiter;
using heddle::detail::semaphore_core;

// Permits of a semaphore that `Owner`, a pointer of some kind, keeps alive.
template <class Owner>
class [[nodiscard("permits that are dropped at once are returned at once")]] basic_permit {
 public:
  // Takes over permits that are owned; for the semaphore.
  basic_permit(Owner owner, permit_count permits) noexcept : owner_(std::move(owner)), permits_(permits) {}
  basic_permit(basic_permit&& other) noexcept
      : owner_(std::move(other.owner_)), permits_(std::exchange(other.permits_, 0)) {}
  basic_permit& operator=(basic_permit&& other) noexcept {
    basic_permit old(std::move(*this));
    owner_ = std::move(other.owner_);
    permits_ = std::exchange(other.permits_, 0);
    return *this;
  }
  basic_permit(const basic_permit&) = delete;
  basic_permit& operator=(const basic_permit&) = delete;
  ~basic_permit() { release(); }

  // How many permits it holds.
  [[nodiscard]] std::size_t num_permits() const noexcept { return static_cast<std::size_t>(permits_); }
  // Returns them now.
  void release() noexcept;
  // Destroys them: they never come back.
  void forget() noexcept { permits_ = 0; }
  // Takes over the permits of `other`. REQUIRES: of the same semaphore.
  void merge(basic_permit&& other) noexcept {
    HEDDLE_ASSERT(owner_ == other.owner_, "permits of different semaphores are merged");
    permits_ += std::exchange(other.permits_, 0);
  }

 private:
  Owner owner_;
  permit_count permits_;
};

}  // namespace detail

using semaphore_permit = detail::basic_permit<semaphore*>;
using owned_semaphore_permit = detail::basic_permit<std::shared_ptr<semaphore>>;

namespace detail {

// Ready with permits, or acquire_error.
template <class Owner>
class [[nodiscard("nothing is acquired until it is awaited")]] basic_acquire_future {
 public:
  using result = tl::expected<basic_permit<Owner>, acquire_error>;

  basic_acquire_future(Owner owner, permit_count permits) noexcept : owner_(std::move(owner)), waiter_(permits) {}
  basic_acquire_future(basic_acquire_future&&) noexcept = default;
  basic_acquire_future& operator=(basic_acquire_future&&) = delete;
  ~basic_acquire_future();

  poll_result<result> poll(context& cx) noexcept;

 private:
  Owner owner_;
  permit_waiter waiter_;
};

}  // namespace detail

using acquire_future = detail::basic_acquire_future<semaphore*>;
using acquire_owned_future = detail::basic_acquire_future<std::shared_ptr<semaphore>>;

class semaphore {
 public:
  static constexpr std::size_t permits_max = static_cast<std::size_t>(heddle::detail::permits_max);

  // REQUIRES: at most permits_max, with those that are added later.
  explicit semaphore(std::size_t permits) noexcept : core_(permits, "sync::semaphore") {
    HEDDLE_ASSERT(permits <= permits_max, "a semaphore has at most semaphore::permits_max permits");
  }
  semaphore(const semaphore&) = delete;
  semaphore& operator=(const semaphore&) = delete;
  ~semaphore() = default;

  // Waits for one permit, or for several at once.
  acquire_future acquire() noexcept { return acquire_future(this, 1); }
  acquire_future acquire_many(std::size_t permits) noexcept { return acquire_future(this, permits); }

  // Permits that are there now, if nobody waits for them.
  tl::expected<semaphore_permit, try_acquire_error> try_acquire() noexcept { return try_acquire_many(1); }
  tl::expected<semaphore_permit, try_acquire_error> try_acquire_many(std::size_t permits) noexcept {
    const detail::permit_status status = core_.try_acquire(permits);
    if (status == detail::permit_status::granted) return semaphore_permit(this, permits);
    return tl::unexpected(error_of(status));
  }

  // Adds permits that nobody acquired.
  void add_permits(std::size_t permits) noexcept {
    HEDDLE_ASSERT(permits <= permits_max, "a semaphore has at most semaphore::permits_max permits");
    core_.release(permits);
  }
  // Destroys permits that nobody owns, at most so many; how many there were.
  std::size_t forget_permits(std::size_t permits) noexcept { return static_cast<std::size_t>(core_.forget(permits)); }
  // How many could be acquired now; 0 while somebody waits.
  [[nodiscard]] std::size_t available_permits() const noexcept { return static_cast<std::size_t>(core_.available()); }

  // Makes those who wait, and all who come later, fail. Permits that are held stay valid.
  void close() noexcept { core_.close(); }
  [[nodiscard]] bool is_closed() const noexcept { return core_.is_closed(); }

 private:
  template <class>
  friend class detail::basic_permit;
  template <class>
  friend class detail::basic_acquire_future;
  friend tl::expected<owned_semaphore_permit, try_acquire_error> try_acquire_owned(std::shared_ptr<semaphore> owner,
                                                                                   std::size_t permits) noexcept;

  static try_acquire_error error_of(detail::permit_status status) noexcept {
    return status == detail::permit_status::closed ? try_acquire_error::closed : try_acquire_error::no_permits;
  }

  detail::semaphore_core core_;
};

// As the members, with permits that keep the semaphore alive.
inline acquire_owned_future acquire_owned(std::shared_ptr<semaphore> owner, std::size_t permits = 1) noexcept {
  return acquire_owned_future(std::move(owner), permits);
}
inline tl::expected<owned_semaphore_permit, try_acquire_error> try_acquire_owned(std::shared_ptr<semaphore> owner,
                                                                                 std::size_t permits = 1) noexcept {
  const detail::permit_status status = owner->core_.try_acquire(permits);
  if (status == detail::permit_status::granted) return owned_semaphore_permit(std::move(owner), permits);
  return tl::unexpected(semaphore::error_of(status));
}

namespace detail {

template <class Owner>
void basic_permit<Owner>::release() noexcept {
  if (permits_ > 0) owner_->core_.release(std::exchange(permits_, 0));
}

template <class Owner>
basic_acquire_future<Owner>::~basic_acquire_future() {
  // Only a future that was polled may have to leave; one that was moved from was not.
  if (waiter_.has_waited()) owner_->core_.cancel(waiter_);
}

template <class Owner>
poll_result<typename basic_acquire_future<Owner>::result> basic_acquire_future<Owner>::poll(context& cx) noexcept {
  switch (owner_->core_.poll_acquire(waiter_, cx.get_waker())) {
    case permit_status::pending:
      return pending;
    case permit_status::granted:
      return poll_result<result>(std::in_place, basic_permit<Owner>(owner_, waiter_.needed()));
    case permit_status::closed:
      break;
  }
  return poll_result<result>(std::in_place, tl::unexpect, acquire_error());
}

}  // namespace detail

}  // namespace heddle::sync
