// What holds by its name alone: numbers, strings, and templates of the standard library around them.
//
// How it works. `kind_of<T>` is a variable template that is specialised for what programs are full of, so the compiler
// looks a type up and instantiates nothing. Whatever is not here is judged (send_rules.hpp) and costs its time. That a
// vector of strings is found here and one of a user's class is judged makes no difference to the verdict.
//
// Invariant: a leaf holds for both questions, and contains nothing that a user could have declared.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace heddle::detail {

enum class kind : std::uint8_t { leaf, reference, other };

// Code, enumerations and names of members: nothing that anybody could share.
template <class T>
inline constexpr bool is_plain = std::is_void_v<T> || std::is_arithmetic_v<T> || std::is_enum_v<T> ||
                                 std::is_null_pointer_v<T> || std::is_member_pointer_v<T> || std::is_function_v<T> ||
                                 (std::is_pointer_v<T> && std::is_function_v<std::remove_pointer_t<T>>);

constexpr kind leaf_if(bool all_are_leaves) {
  return all_are_leaves ? kind::leaf : kind::other;
}

// Of classes, and of scalars that stand nowhere below. Builtins, since traits instantiate classes.
template <class T>
inline constexpr kind kind_of = __is_class(T) || __is_union(T) ? kind::other : leaf_if(__is_enum(T) || is_plain<T>);
template <class T>
inline constexpr kind kind_of<T&> = kind::reference;
template <class T>
inline constexpr kind kind_of<T&&> = kind::reference;
template <class T>
inline constexpr kind kind_of<const T> = kind_of<T>;
template <class T>
inline constexpr bool is_leaf = kind_of<T> == kind::leaf;

// clang-format off
template <> inline constexpr kind kind_of<void> = kind::leaf;
template <> inline constexpr kind kind_of<bool> = kind::leaf;
template <> inline constexpr kind kind_of<char> = kind::leaf;
template <> inline constexpr kind kind_of<signed char> = kind::leaf;
template <> inline constexpr kind kind_of<unsigned char> = kind::leaf;
template <> inline constexpr kind kind_of<short> = kind::leaf;
template <> inline constexpr kind kind_of<unsigned short> = kind::leaf;
template <> inline constexpr kind kind_of<int> = kind::leaf;
template <> inline constexpr kind kind_of<unsigned> = kind::leaf;
template <> inline constexpr kind kind_of<long> = kind::leaf;
template <> inline constexpr kind kind_of<unsigned long> = kind::leaf;
template <> inline constexpr kind kind_of<long long> = kind::leaf;
template <> inline constexpr kind kind_of<unsigned long long> = kind::leaf;
template <> inline constexpr kind kind_of<float> = kind::leaf;
template <> inline constexpr kind kind_of<double> = kind::leaf;
// clang-format on

template <class Char>
inline constexpr kind kind_of<std::basic_string<Char>> = kind_of<Char>;
template <class Rep, class Period>
inline constexpr kind kind_of<std::chrono::duration<Rep, Period>> = kind_of<Rep>;
template <class Clock, class Rep, class Period>
inline constexpr kind kind_of<std::chrono::time_point<Clock, std::chrono::duration<Rep, Period>>> = kind_of<Rep>;
template <class T>
inline constexpr kind kind_of<std::vector<T>> = leaf_if(is_leaf<T>);
template <class T, std::size_t Size>
inline constexpr kind kind_of<std::array<T, Size>> = leaf_if(is_leaf<T>);
template <class T>
inline constexpr kind kind_of<std::optional<T>> = leaf_if(is_leaf<T>);
template <class First, class Second>
inline constexpr kind kind_of<std::pair<First, Second>> = leaf_if(is_leaf<First> && is_leaf<Second>);
// What void points to is not known.
template <class T>
inline constexpr kind kind_of<std::unique_ptr<T>> = leaf_if(is_leaf<T> && !std::is_void_v<T>);
template <class T>
inline constexpr kind kind_of<std::shared_ptr<T>> = leaf_if(is_leaf<T> && !std::is_void_v<T>);

// The name that the compiler has for T begins behind this many characters of the text, and ends before its last one.
template <class T>
constexpr std::string_view name_of_type() {
  std::string_view name = __PRETTY_FUNCTION__;
  // clang: "... name_of_type() [T = X]"; g++: "... name_of_type() [with T = X; std::string_view = ...]".
  name.remove_prefix(name.find("T = ") + 4);
  return name.substr(0, name.find(';') == std::string_view::npos ? name.size() - 1 : name.find("; std::string_view"));
}

// Whether this is the name of a lambda's class, and not of a template around one: clang writes "(lambda at file:1:2)",
// g++ "f()::<lambda(int)>".
constexpr bool names_closure(std::string_view name) {
#if defined(__clang__)
  const std::size_t begin = name.rfind("(lambda at ");
  return begin != std::string_view::npos && name.back() == ')' && name.find(')', begin) == name.size() - 1;
#else
  if (name.empty() || name.back() != '>') return false;
  std::size_t open = 0;
  for (std::size_t at = name.size(); at-- > 0;) {
    if (name[at] == '>') ++open;
    if (name[at] == '<' && --open == 0) return name.substr(at).starts_with("<lambda(");
  }
  return false;
#endif
}
template <class T>
inline constexpr bool is_closure = names_closure(name_of_type<T>());

}  // namespace heddle::detail
