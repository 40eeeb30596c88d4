// The verdict on a type: whether it is send, whether it is sync, and if not, why.
//
// How it works. `judge` goes by the kind of the type: what was declared, what `known` says of it by its name, what it
// shows that it owns, aggregates field by field, what `recognised` makes of its members, and of other classes whether
// their bytes can be made from nothing, which the language refuses for pointers and references. What is left is not
// seen into, and broken; but for closures, whose captures no program can name. A type that is met again inside itself
// holds if the rest does: Path is what is being walked.
//
// What this costs each file that has tasks is the compiler's time. So what is met everywhere is found by name before
// anything is instantiated (send_leaves.hpp), and the way to what breaks a rule is put together only when one is
// broken.
//
// Invariants.
//   1. A verdict depends on nothing but the type and what was declared of it before it was first asked.
//   2. What cannot be seen does not hold, captures of a closure that is not trivially copyable excepted.
#pragma once

#include "heddle/runtime/detail/aggregate_fields.hpp"
#include "heddle/runtime/detail/send_declarations.hpp"
#include "heddle/runtime/detail/send_leaves.hpp"
#include "heddle/runtime/detail/send_reasons.hpp"

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace heddle::detail {

// What is known of a class by its name: specialised with a member `type`, a verdict.
template <question Asked, class T, class... Path>
struct known {};
// What the members of a class show it to be, asked of what is no aggregate.
template <question Asked, class T, class... Path>
struct recognised {};

template <class T>
struct stays_on_its_thread {
  using type = broken<why::belongs_to_its_thread<T>>;
};

template <question Asked, class T, class... Path>
constexpr auto judge();

template <kind>
struct judged;
template <>
struct judged<kind::leaf> {
  template <question Asked, class T, class... Path>
  using type = holds;
  template <question Asked, class T, class... Path>
  using type_of_part = holds;
};
template <>
struct judged<kind::reference> {
  template <question Asked, class T, class... Path>
  using type = decltype(judge<Asked, T, Path...>());
  template <question Asked, class T, class... Path>
  using type_of_part = broken<why::is_a_view<T>>;
};
template <>
struct judged<kind::other> {
  template <question Asked, class T, class... Path>
  using type = decltype(judge<Asked, T, Path...>());
  template <question Asked, class T, class... Path>
  using type_of_part = decltype(judge<Asked, T, Path...>());
};
template <question Asked, class T, class... Path>
using verdict = typename judged<kind_of<T>>::template type<Asked, T, Path...>;
// Of something that another type holds: it has to be owned, so it is no reference.
template <question Asked, class T, class... Path>
using part_verdict = typename judged<kind_of<T>>::template type_of_part<Asked, T, Path...>;

template <class Verdict>
inline constexpr bool is_held = false;
template <>
inline constexpr bool is_held<holds> = true;

// Both questions, of what several may use through a shared pointer or reference.
template <class T, class... Path>
using shared_verdict =
    typename first_broken<part_verdict<question::send, T, Path...>, part_verdict<question::sync, T, Path...>>::type;

template <class T>
concept complete = requires { sizeof(T); };

// A container that owns its elements, as those of the standard library: it allocates them.
template <class T>
concept owns_elements = requires {
  typename T::value_type;
  typename T::allocator_type;
} && !std::is_void_v<typename T::value_type>;
// An adaptor of such a container, as std::queue.
template <class T>
concept owns_container = requires {
  typename T::value_type;
  typename T::container_type;
} && !std::is_void_v<typename T::value_type> && !owns_elements<T>;
// std::expected, tl::expected and their like.
template <class T>
concept value_or_error = requires {
  typename T::value_type;
  typename T::error_type;
  typename T::unexpected_type;
};
// What is locked and does not move, as std::mutex and its relatives: its purpose is to be used by several.
template <class T>
concept is_mutex = !std::move_constructible<T> && requires(T& t) {
  t.lock();
  t.unlock();
  { t.try_lock() } -> std::convertible_to<bool>;
};

template <std::size_t Size>
struct bytes {
  unsigned char content[Size];
};
template <class T>
constexpr bool is_value(T) {
  return true;
}
// The value of T can be made from bytes while compiling: there is no pointer and no reference in it, private members
// and captures included. Of a class with constructors, one has to be constexpr.
template <class T>
concept without_pointers = std::is_trivially_copyable_v<T> && requires {
  typename std::bool_constant<is_value(__builtin_bit_cast(T, bytes<sizeof(T)>{}))>;
};

template <question Asked, class T, class Fields, class Numbers, class... Path>
struct fields_verdict;
template <question Asked, class T, class... Fields, std::size_t... Number, class... Path>
struct fields_verdict<Asked, T, type_list<Fields...>, std::index_sequence<Number...>, Path...>
    : first_broken<behind_t<part_verdict<Asked, Fields, Path...>, why::field<Number, Fields>>...> {};

template <question Asked, class T, class... Path, class... Fields>
constexpr auto judge_fields(type_list<Fields...>) {
  if constexpr ((is_held<part_verdict<Asked, Fields, Path..., T>> && ...)) {
    return holds{};
  } else {
    using found = fields_verdict<Asked, T, type_list<Fields...>, std::index_sequence_for<Fields...>, Path..., T>;
    return typename found::type{};
  }
}
template <question, class T, class...>
constexpr auto judge_fields(unknown_fields) {
  if constexpr (without_pointers<T>) {  // NOLINT(bugprone-branch-clone): the cheapest question first
    return holds{};
  } else if constexpr (!is_closure<T>) {
    return broken<why::cannot_see_into<T>>{};
  } else if constexpr (std::is_trivially_copyable_v<T>) {
    return broken<why::captures_a_pointer_or_reference<T>>{};
  } else {
    return holds{};
  }
}

template <class T>
constexpr auto judge_empty() {
  // clang does not know the destructor of a lambda in a function template yet; one that is empty captures nothing.
  if constexpr (std::is_trivially_destructible_v<T> || is_closure<T>) {
    return holds{};
  } else {
    return broken<why::cannot_see_into<T>>{};
  }
}

template <question Asked, class T, class... Path>
constexpr auto judge_by_members() {
  if constexpr (owns_elements<T>) {
    return typename first_broken<
        behind_t<part_verdict<Asked, typename T::value_type, Path...>, why::element<typename T::value_type>>,
        behind_t<verdict<Asked, typename T::allocator_type, Path...>,
                 why::allocator<typename T::allocator_type>>>::type{};
  } else if constexpr (owns_container<T>) {
    return judge<Asked, typename T::container_type, Path...>();
  } else if constexpr (value_or_error<T>) {
    using value = typename T::value_type;
    using error = typename T::error_type;
    return typename first_broken<behind_t<part_verdict<Asked, value, Path...>, why::element<value>>,
                                 behind_t<part_verdict<Asked, error, Path...>, why::element<error>>>::type{};
  } else if constexpr (std::is_polymorphic_v<T>) {
    return broken<why::may_be_a_derived_class<T>>{};
  } else if constexpr (requires { typename recognised<Asked, T, Path...>::type; }) {
    return typename recognised<Asked, T, Path...>::type{};
  } else if constexpr (is_mutex<T>) {
    return holds{};
  } else {
    return judge_fields<Asked, T, Path...>(unknown_fields{});
  }
}

template <question Asked, class T, class... Path>
constexpr auto judge_class() {
  if constexpr (declared<Asked, T> != said::nothing) {
    return std::conditional_t<declared<Asked, T> == said::yes, holds, broken<why::is_declared_so<T>>>{};
  } else if constexpr (!complete<T>) {
    return broken<why::is_incomplete_here<T>>{};
  } else if constexpr (requires { typename known<Asked, T, Path...>::type; }) {
    return typename known<Asked, T, Path...>::type{};
  } else if constexpr (__is_empty(T)) {
    // One with a destructor is there for what that does, on the thread that it is on.
    return judge_empty<T>();
  } else if constexpr (__is_aggregate(T) && !__is_union(T)) {
    return judge_fields<Asked, T, Path...>(fields_of<T>{});
  } else {
    return judge_by_members<Asked, T, Path...>();
  }
}

// To a reference belongs what can be done through it: reading for several at once, if the object is sync; anything for
// one at a time, if it is send and not const. As a part of something, a reference is a view instead.
template <question Asked, class T, class... Path>
constexpr auto judge_reference() {
  using object = std::remove_reference_t<T>;
  using shared = verdict<question::sync, object, Path...>;
  if constexpr (Asked == question::send && !std::is_const_v<object> &&
                std::is_same_v<verdict<question::send, object, Path...>, holds>) {
    return holds{};
  } else {
    return behind_t<shared, why::referred_to<object>>{};
  }
}

template <question Asked, class T, class... Path>
constexpr auto judge_scalar() {
  if constexpr (declared<Asked, T> == said::yes) {
    return holds{};
  } else if constexpr (declared<Asked, T> == said::no) {
    return broken<why::is_declared_so<T>>{};
  } else if constexpr (std::is_array_v<T>) {
    using element = std::remove_extent_t<T>;
    return behind_t<verdict<Asked, element, Path...>, why::element<element>>{};
  } else {
    return broken<why::is_a_raw_pointer<T>>{};
  }
}

template <question Asked, class Qualified, class... Path>
constexpr auto judge() {
  using T = std::remove_cv_t<Qualified>;
  if constexpr ((__is_same(T, Path) || ...)) {  // NOLINT(bugprone-branch-clone): likewise
    return holds{};
  } else if constexpr (__is_class(T) || __is_union(T)) {
    return judge_class<Asked, T, Path...>();
  } else if constexpr (is_leaf<T>) {
    return holds{};
  } else if constexpr (std::is_reference_v<T>) {
    return judge_reference<Asked, T, Path...>();
  } else {
    return judge_scalar<Asked, T, Path...>();
  }
}

}  // namespace heddle::detail
