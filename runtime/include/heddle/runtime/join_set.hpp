// A set of spawned tasks of one type, awaited in the order in which they end, and ended together.
//
// How it works. `spawn` starts a task as heddle::spawn does and keeps its join_handle. `join_next` gives the outcome
// of one that has ended; a set of any size costs the same, as ended tasks announce themselves
// (detail/join_set_core.hpp).
//
//     heddle::join_set<page> fetches;
//     for (const std::string& address : addresses) fetches.spawn(fetch(address));
//     while (auto next = co_await fetches.join_next()) {
//       if (next->has_value()) index(std::move(**next));
//     }
//
// The coroutine resumes on its own runtime, never inside a task that ended.
//
// Errors. The outcome is a tl::expected<T, join_error>: an exception or an abort of a task is an error of it, and the
// set goes on. `spawn` throws std::logic_error outside a runtime.
//
// Cancellation. Destroying the set aborts all its tasks; they are dropped by their workers, some time later. To wait
// until they are gone, await shutdown(). Dropping an await of join_next loses nothing: the outcome stays in the set.
//
// Thread safety. One thread at a time; the set may be moved between threads. One task at a time awaits it.
#pragma once

#include "heddle/hooks.hpp"
#include "heddle/runtime/abort_handle.hpp"
#include "heddle/runtime/detail/join_set_core.hpp"
#include "heddle/runtime/future.hpp"
#include "heddle/runtime/join_handle.hpp"
#include "heddle/runtime/spawn.hpp"
#include "heddle/runtime/spawn_blocking.hpp"
#include "heddle/runtime/task.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include <tl/expected.hpp>

namespace heddle {

template <class T>
class join_set;

// Ready with the outcome of a task that has ended, or with nothing if the set is empty.
template <class T>
class [[nodiscard("nothing is joined until it is awaited")]] join_next_future {
 public:
  explicit join_next_future(join_set<T>& set) noexcept : set_(&set) {}

  poll_result<std::optional<tl::expected<T, join_error>>> poll(context& cx) { return set_->poll_join_next(cx); }

 private:
  join_set<T>* set_;
};

template <class T = void>
class join_set {
 public:
  using result = tl::expected<T, join_error>;

  join_set() : core_(std::make_shared<detail::join_set_core>()) {}
  // A moved-from set may only be destroyed or assigned to. REQUIRES: no join_next of `other` is alive.
  join_set(join_set&& other) noexcept
      : core_(std::move(other.core_)),
        first_(std::exchange(other.first_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  join_set& operator=(join_set&& other) noexcept {
    join_set old(std::move(*this));
    core_ = std::move(other.core_);
    first_ = std::exchange(other.first_, nullptr);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }
  join_set(const join_set&) = delete;
  join_set& operator=(const join_set&) = delete;
  ~join_set() {
    if (core_ == nullptr) return;
    abort_all();
    let_go();
  }

  // Spawns on the runtime of the calling thread, as heddle::spawn, and keeps the handle.
  abort_handle spawn(task<T> body,
                     hooks::source_place place = {__builtin_FILE(), __builtin_FUNCTION(), __builtin_LINE()}) {
    return insert(heddle::spawn(std::move(body), place));
  }
  template <class Function, class... Args>
    requires detail::spawnable_call<Function, Args...>
  abort_handle spawn(Function&& function, Args&&... args) {
    return insert(heddle::spawn(std::forward<Function>(function), std::forward<Args>(args)...));
  }
  abort_handle spawn_named(std::string name, task<T> body,
                           hooks::source_place place = {__builtin_FILE(), __builtin_FUNCTION(), __builtin_LINE()}) {
    return insert(heddle::spawn_named(std::move(name), std::move(body), place));
  }
  template <class Function, class... Args>
    requires std::invocable<std::decay_t<Function>&&, std::decay_t<Args>&&...>
  abort_handle spawn_blocking(Function&& function, Args&&... args) {
    return insert(heddle::spawn_blocking(std::forward<Function>(function), std::forward<Args>(args)...));
  }

  // Takes over a task that was spawned elsewhere, say by runtime::spawn. REQUIRES: the handle is not empty.
  abort_handle insert(join_handle<T> handle) {
    abort_handle aborts = handle.get_abort_handle();
    auto* const added = new entry(core_, std::move(handle));
    link(*added);
    const waker finishing = added->make_waker();
    context cx(finishing);
    if (added->handle.poll_finished(cx)) added->finished();
    return aborts;
  }

  // The next outcome, in the order in which the tasks end; nothing when the set is empty. Cancel-safe.
  join_next_future<T> join_next() noexcept { return join_next_future<T>(*this); }
  // The outcome of a task that has ended already, or nothing.
  std::optional<result> try_join_next() {
    detail::join_set_entry* const ended = core_->take_finished();
    if (ended == nullptr) return std::nullopt;
    return take(static_cast<entry&>(*ended));
  }

  // Aborts all tasks; their outcomes stay to be joined.
  void abort_all() noexcept {
    for (detail::join_set_entry* each = first_; each != nullptr; each = each->next) {
      static_cast<entry*>(each)->handle.abort();
    }
  }
  // Aborts all tasks, and waits until each has been dropped. The outcomes are discarded.
  task<> shutdown() {
    abort_all();
    for (;;) {
      const std::optional<result> next = co_await join_next();
      if (!next.has_value()) co_return;
    }
  }
  // Lets all tasks run on alone; the set is empty then.
  void detach_all() {
    auto fresh = std::make_shared<detail::join_set_core>();
    let_go();
    core_ = std::move(fresh);
  }

  // Tasks whose outcome was not taken.
  std::size_t len() const noexcept { return size_; }
  bool is_empty() const noexcept { return size_ == 0; }

 private:
  friend join_next_future<T>;

  struct entry final : detail::join_set_entry {
    entry(std::shared_ptr<detail::join_set_core> core, join_handle<T> owned) noexcept
        : join_set_entry(std::move(core)), handle(std::move(owned)) {}
    // By then the handle is empty; the last reference may be a waker's, on any thread.
    HEDDLE_RUNTIME_CODE ~entry() override {}
    join_handle<T> handle;  // of the owner of the set
  };

  poll_result<std::optional<result>> poll_join_next(context& cx) {
    if (is_empty()) return poll_result<std::optional<result>>(std::in_place);
    detail::join_set_entry* const ended = core_->poll_finished(cx.get_waker());
    if (ended == nullptr) return pending;
    return poll_result<std::optional<result>>(std::in_place, take(static_cast<entry&>(*ended)));
  }

  result take(entry& ended) {
    const waker unused = ended.make_waker();
    context cx(unused);
    poll_result<result> outcome = ended.handle.poll(cx);
    HEDDLE_ASSERT(outcome.is_ready(), "a task of a join_set announced its end and has not ended");
    remove(ended);
    return std::move(outcome).value();
  }

  // The core takes no more of these entries, whose tasks may be ending now.
  void let_go() noexcept {
    core_->close();
    while (first_ != nullptr) remove(static_cast<entry&>(*first_));
  }

  void link(entry& added) noexcept {
    added.next = first_;
    if (first_ != nullptr) first_->previous = &added;
    first_ = &added;
    ++size_;
  }
  void remove(entry& gone) noexcept {
    (gone.previous == nullptr ? first_ : gone.previous->next) = gone.next;
    if (gone.next != nullptr) gone.next->previous = gone.previous;
    --size_;
    gone.handle.detach();
    gone.release();
  }

  std::shared_ptr<detail::join_set_core> core_;
  detail::join_set_entry* first_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace heddle
