// The verdict on a type: whether it is send, whether it is sync, and if not, why.
//
// How it works. `judge` goes by the kind of the type: what was declared, what `known` says of the standard library,
// what shows that it owns its elements, what hides what it is, aggregates field by field, and of other classes whether
// their bytes can be made from nothing, which the language refuses for pointers and references. What is left is not
// seen into, and broken. A type that is met again inside itself holds if the rest does: Path is what is being walked.
//
// Invariants.
//   1. A verdict depends on nothing but the type and what was declared of it before it was first asked.
//   2. What cannot be seen does not hold.
#pragma once

#include "heddle/runtime/detail/aggregate_fields.hpp"
#include "heddle/runtime/detail/send_declarations.hpp"
#include "heddle/runtime/detail/send_reasons.hpp"

#include <concepts>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace heddle::detail {

// What is known of a class by its name: specialised with a member `type`, a verdict.
template <question Asked, class T, class... Path>
struct known {};

template <question Asked, class T, class... Path>
constexpr auto judge();

template <question Asked, class T, class... Path>
using verdict = decltype(judge<Asked, T, Path...>());

// Of something that another type holds: it has to be owned.
template <question Asked, class Part, class... Path>
constexpr auto judge_part() {
  if constexpr (std::is_reference_v<Part>) {
    return broken<why::is_a_view<Part>>{};
  } else {
    return judge<Asked, Part, Path...>();
  }
}
template <question Asked, class Part, class... Path>
using part_verdict = decltype(judge_part<Asked, Part, Path...>());

// Both questions, of what several may use through a shared pointer or reference.
template <class T, class... Path>
using shared_verdict =
    typename first_broken<part_verdict<question::send, T, Path...>, part_verdict<question::sync, T, Path...>>::type;

template <class T>
concept complete = requires { sizeof(T); };

// Code, numbers and names of members: nothing that anybody could share.
template <class T>
inline constexpr bool is_plain = std::is_void_v<T> || std::is_arithmetic_v<T> || std::is_enum_v<T> ||
                                 std::is_null_pointer_v<T> || std::is_member_pointer_v<T> || std::is_function_v<T> ||
                                 (std::is_pointer_v<T> && std::is_function_v<std::remove_pointer_t<T>>);

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

// For the choice of words only.
template <class T>
constexpr bool is_closure() {
  return std::string_view(__PRETTY_FUNCTION__).find("lambda") != std::string_view::npos;
}

template <question Asked, class T, class Fields, class Numbers, class... Path>
struct fields_verdict;
template <question Asked, class T, class... Fields, std::size_t... Number, class... Path>
struct fields_verdict<Asked, T, type_list<Fields...>, std::index_sequence<Number...>, Path...>
    : first_broken<behind_t<part_verdict<Asked, Fields, Path..., T>, why::field<Number, Fields>>...> {};

template <question Asked, class T, class... Path, class... Fields>
constexpr auto judge_fields(type_list<Fields...>) {
  using found = fields_verdict<Asked, T, type_list<Fields...>, std::index_sequence_for<Fields...>, Path...>;
  return typename found::type{};
}
template <question, class T, class...>
constexpr auto judge_fields(unknown_fields) {
  if constexpr (without_pointers<T>) {
    return holds{};
  } else if constexpr (!is_closure<T>()) {
    return broken<why::cannot_see_into<T>>{};
  } else if constexpr (std::is_trivially_copyable_v<T>) {
    return broken<why::captures_a_pointer_or_reference<T>>{};
  } else {
    return broken<why::cannot_see_captures_of<T>>{};
  }
}

template <class T>
constexpr auto judge_empty() {
  // clang does not know the destructor of a lambda in a function template yet; one that is empty captures nothing.
  if constexpr (std::is_trivially_destructible_v<T> || is_closure<T>()) {
    return holds{};
  } else {
    return broken<why::cannot_see_into<T>>{};
  }
}

template <question Asked, class T, class... Path>
constexpr auto judge_class() {
  if constexpr (requires { typename known<Asked, T, Path...>::type; }) {
    return typename known<Asked, T, Path...>::type{};
  } else if constexpr (owns_elements<T>) {
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
  } else if constexpr (std::is_empty_v<T>) {
    // One with a destructor is there for what that does, on the thread that it is on.
    return judge_empty<T>();
  } else if constexpr (std::is_polymorphic_v<T>) {
    return broken<why::may_be_a_derived_class<T>>{};
  } else if constexpr (is_mutex<T>) {
    return holds{};
  } else if constexpr (std::is_aggregate_v<T> && !std::is_union_v<T>) {
    return judge_fields<Asked, T, Path...>(fields_of<T>{});
  } else {
    return judge_fields<Asked, T, Path...>(unknown_fields{});
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
constexpr auto judge_undeclared() {
  if constexpr (std::is_pointer_v<T>) {
    return broken<why::is_a_raw_pointer<T>>{};
  } else if constexpr (std::is_array_v<T>) {
    using element = std::remove_extent_t<T>;
    return behind_t<verdict<Asked, element, Path...>, why::element<element>>{};
  } else if constexpr (!complete<T>) {
    return broken<why::is_incomplete_here<T>>{};
  } else {
    return judge_class<Asked, T, Path...>();
  }
}

template <question Asked, class Qualified, class... Path>
constexpr auto judge() {
  using T = std::remove_cv_t<Qualified>;
  if constexpr (is_plain<T> || (std::is_same_v<T, Path> || ...) || declared<Asked, T>() == said::yes) {
    return holds{};
  } else if constexpr (std::is_reference_v<T>) {
    return judge_reference<Asked, T, Path...>();
  } else if constexpr (declared<Asked, T>() == said::no) {
    return broken<why::is_declared_so<T>>{};
  } else {
    return judge_undeclared<Asked, T, Path...>();
  }
}

}  // namespace heddle::detail
