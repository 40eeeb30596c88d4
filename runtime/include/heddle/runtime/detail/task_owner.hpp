// Who runs tasks: a scheduler, or the pool for blocking calls; and the counted references to it.
//
// How it works. Each task refers to its owner until its last waker has gone, since whoever has notified it may be about
// to hand it over. So a task would cost two atomic operations on a number that all threads share. The number is
// therefore in the owner, where an owner with workers may take many references at once, lend them to its tasks, and
// take them back. runtime, handle and threads hold an owner_ptr.
//
// Thread safety. Any thread.
//
// Invariants.
//   1. An owner is made by `new`, with one reference, and destroyed with the last. Lent references are among the
//      counted ones.
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace heddle::detail {

class task_header;

// How urgent a notified task is: one that was woken, or has just been spawned, may run next; one that yields runs after
// the others.
enum class schedule_hint : std::uint8_t { woken, spawned, yielded };

class task_owner {
 public:
  task_owner() = default;
  task_owner(const task_owner&) = delete;
  task_owner& operator=(const task_owner&) = delete;

  // Takes over a notification, and runs the task some time later. Any thread.
  virtual void schedule(task_header& task, schedule_hint hint) noexcept = 0;
  // Whether a task that yields is to be polled again at once: nothing else waits for the thread that has just polled
  // it, and calls this. It counts as a turn of that thread.
  [[nodiscard]] virtual bool goes_on_after_yield() noexcept { return false; }
  // Removes a task that ended from the owned ones. True: the owner's reference goes to the caller.
  [[nodiscard]] virtual bool release(task_header& task) noexcept = 0;

  // Takes back what a task was given with the owner. Any thread.
  virtual void take_back_reference() noexcept { drop_references(1); }

  // REQUIRES: the caller has one.
  void add_references(std::size_t count) noexcept;
  void drop_references(std::size_t count) noexcept;

 protected:
  virtual ~task_owner();

 private:
  std::atomic<std::size_t> references_{1};  // the owner is destroyed by who makes it 0
};

// One reference to an owner, or none. The type of the owner need not be known where it is copied or dropped.
template <class Owner>
class owner_ptr {
 public:
  constexpr owner_ptr() noexcept = default;
  // Another reference to an owner that somebody else keeps meanwhile.
  explicit owner_ptr(Owner& owner) noexcept : owner_(&owner), counted_(&owner) { counted_->add_references(1); }
  // The reference of `other`, whose owner is an Owner.
  template <std::derived_from<Owner> Derived>
  owner_ptr(owner_ptr<Derived> other) noexcept
      : owner_(std::exchange(other.owner_, nullptr)), counted_(std::exchange(other.counted_, nullptr)) {}
  owner_ptr(owner_ptr&& other) noexcept
      : owner_(std::exchange(other.owner_, nullptr)), counted_(std::exchange(other.counted_, nullptr)) {}
  owner_ptr(const owner_ptr& other) noexcept : owner_(other.owner_), counted_(other.counted_) {
    if (counted_ != nullptr) counted_->add_references(1);
  }
  owner_ptr& operator=(owner_ptr other) noexcept {
    std::swap(owner_, other.owner_);
    std::swap(counted_, other.counted_);
    return *this;
  }
  ~owner_ptr() {
    if (counted_ != nullptr) counted_->drop_references(1);
  }

  // A new owner.
  template <class... Args>
  static owner_ptr make(Args&&... args) {
    owner_ptr made;
    made.owner_ = new Owner(std::forward<Args>(args)...);
    made.counted_ = made.owner_;
    return made;
  }

  Owner* get() const noexcept { return owner_; }
  Owner& operator*() const noexcept { return *owner_; }
  Owner* operator->() const noexcept { return owner_; }

  friend bool operator==(const owner_ptr& a, const owner_ptr& b) noexcept { return a.owner_ == b.owner_; }
  friend bool operator==(const owner_ptr& a, std::nullptr_t) noexcept { return a.owner_ == nullptr; }

 private:
  template <class>
  friend class owner_ptr;

  Owner* owner_ = nullptr;
  task_owner* counted_ = nullptr;  // the same
};

}  // namespace heddle::detail
