// Which types may move to another thread with their task, and which may be used by several at once, as far as C++ sees.
//
// How it works. `send<T>`: a task may take a T along when it goes on on another thread. `sync::sync<T>`: several tasks
// may read one T at the same time. C++ has no rule by which a type inherits this from its members, so heddle looks:
// into scalars, aggregates field by field, containers, tuples, variants and smart pointers; and of other classes that
// are trivially copyable, closures among them, whether a pointer or a reference is in them. It refuses raw pointers,
// views, locks, types that hide what they hold, and whatever it cannot see into. detail/send_rules.hpp has the rules in
// order, docs/send.md has them in a table.
//
//     static_assert(heddle::send<std::vector<std::string>>);
//     static_assert(!heddle::send<std::shared_ptr<session>>);     // until session says that it is
//
// What is not seen, or seen wrongly, is declared, in the class, outside of it, or where it is used. `grep -rniE
// 'declare_(send|sync)|assume_send'` finds all of them.
//
//     class session {
//      public:
//       using declare_send = heddle::declared_true<session, "the socket is only used by the task that owns it">;
//     };
//     HEDDLE_DECLARE_SEND(other::handle, true, "an index into a table that is locked");   // or false
//     template <class T>
//     struct heddle::declare_send<box<T>> : std::bool_constant<heddle::send<T>> {};
//     heddle::spawn(watch, heddle::assume_send(window, "the main loop outlives all tasks"));
//
// A class that is declared send is sync as well, unless declare_sync or HEDDLE_DECLARE_SYNC says something else. A
// declaration is not inherited. REQUIRES: it stands before the first question.
//
// The concept sync<T> lives in the namespace of the same name, which has the mutex and its relatives: in heddle itself,
// one name cannot be both.
//
// Limits. What lives in a coroutine's locals across a co_await is not seen; docs/send.md says what sees it.
#pragma once

#include "heddle/runtime/detail/send_declarations.hpp"
#include "heddle/runtime/detail/send_rules.hpp"
#include "heddle/runtime/detail/send_std.hpp"

#include <cstddef>
#include <type_traits>
#include <utility>

namespace heddle {

// A T may be given to another thread.
template <class T>
concept send = std::is_same_v<detail::verdict<detail::question::send, T>, detail::holds>;

namespace sync {
// One T may be read by several threads at once.
template <class T>
concept sync = std::is_same_v<heddle::detail::verdict<heddle::detail::question::sync, T>, heddle::detail::holds>;
}  // namespace sync

// A value that counts as send because somebody says so here, with a reason. It converts to the value.
template <class T>
class assume_send {
  static_assert(std::is_object_v<T>, "assume_send holds an object; for a reference, a pointer");

 public:
  using declare_send = declared_true<assume_send, "its constructor was given the reason">;

  template <std::size_t Size>
  assume_send(T value, const char (&)[Size]) noexcept(std::is_nothrow_move_constructible_v<T>)
      : value_(std::move(value)) {
    static_assert(Size > 1, "assume_send asks for the reason why this value may go to another thread");
  }

  T& get() noexcept { return value_; }
  const T& get() const noexcept { return value_; }
  operator T&() noexcept { return value_; }              // NOLINT(google-explicit-constructor): stands for the value
  operator const T&() const noexcept { return value_; }  // NOLINT(google-explicit-constructor): as above
  T& operator*() noexcept { return value_; }
  const T& operator*() const noexcept { return value_; }

  // Calls the value, if it is a function.
  template <class... Args>
    requires std::is_invocable_v<T&, Args...>
  decltype(auto) operator()(Args&&... args) noexcept(std::is_nothrow_invocable_v<T&, Args...>) {
    return std::invoke(value_, std::forward<Args>(args)...);
  }

 private:
  T value_;
};

template <class T, std::size_t Size>
assume_send(T, const char (&)[Size]) -> assume_send<T>;

}  // namespace heddle
