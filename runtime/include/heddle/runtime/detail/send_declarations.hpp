// What was said of a type by hand: that it is send or sync, or that it is not.
//
// How it works. A declaration stands in the class, as the alias declare_send or declare_sync, or outside of it, as a
// specialisation of the template of that name; HEDDLE_DECLARE_SEND writes it. The alias names its class, as a derived
// class inherits the alias but not what it promises. What is said outside comes first; send.hpp shows all forms.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

namespace heddle {

// Specialise them with a static member `value`.
template <class T>
struct declare_send {};
template <class T>
struct declare_sync {};

namespace detail {

// The text of a reason. It is for those who read or search the source.
struct reason {
  template <std::size_t Size>
  consteval reason(const char (&text)[Size]) noexcept  // NOLINT(google-explicit-constructor): a literal becomes one
      : is_empty(Size <= 1) {
    static_cast<void>(text);
  }
  bool is_empty;
};

template <class Self, bool Value>
struct declaration {
  using declared_for = Self;
  static constexpr bool value = Value;
};

// The base of what HEDDLE_DECLARE_SEND makes.
template <bool Value, reason Why = "">
struct declared_outside {
  static constexpr bool value = Value;
};

// What a declaration outside leaves in the debug information, for heddle-send-audit. One byte, which nothing reads.
template <bool Value>
struct declared_mark {};

template <reason Why>
concept given = !Why.is_empty;

}  // namespace detail

// In a class: using declare_send = heddle::declared_true<my_class, "why this holds although it is not seen">;
template <class Self, detail::reason Why>
  requires detail::given<Why>
using declared_true = detail::declaration<Self, true>;
// In a class: using declare_send = heddle::declared_false<my_class>;
template <class Self>
using declared_false = detail::declaration<Self, false>;
// In a class template: using declare_send = heddle::declared_if<my_box, heddle::send<T>>;
template <class Self, bool Condition>
using declared_if = detail::declaration<Self, Condition>;

namespace detail {

// Which of the two is asked.
enum class question : std::uint8_t { send, sync };

enum class said : std::uint8_t { nothing, yes, no };

constexpr said said_of(bool value) {
  return value ? said::yes : said::no;
}

template <class T>
concept declares_send = requires { requires std::same_as<typename T::declare_send::declared_for, T>; };
template <class T>
concept declares_sync = requires { requires std::same_as<typename T::declare_sync::declared_for, T>; };

// What was said of T. Who is declared send and says nothing of sync follows the rule of the standard library, by which
// several threads may read an object.
template <question Asked, class T>
constexpr said ask_declarations() {
  if constexpr (Asked == question::sync) {
    if constexpr (requires { heddle::declare_sync<T>::value; }) return said_of(heddle::declare_sync<T>::value);
    if constexpr (declares_sync<T>) return said_of(T::declare_sync::value);
  }
  if constexpr (requires { heddle::declare_send<T>::value; }) {
    return said_of(heddle::declare_send<T>::value);
  } else if constexpr (declares_send<T>) {
    return said_of(T::declare_send::value);
  } else {
    return said::nothing;
  }
}
template <question Asked, class T>
inline constexpr said declared = ask_declarations<Asked, T>();

}  // namespace detail
}  // namespace heddle

// At global scope: HEDDLE_DECLARE_SEND(type, true|false) or HEDDLE_DECLARE_SEND(type, true, "why"). For a class
// template, specialise heddle::declare_send.
#define HEDDLE_DECLARE_SEND(Type, ...)                                                                                 \
  template <>                                                                                                          \
  struct heddle::declare_send<Type> : heddle::detail::declared_outside<__VA_ARGS__> {                                  \
    [[gnu::used]] static constexpr heddle::detail::declared_mark<heddle::detail::declared_outside<__VA_ARGS__>::value> \
        for_debug_info{};                                                                                              \
  }
#define HEDDLE_DECLARE_SYNC(Type, ...) \
  template <>                          \
  struct heddle::declare_sync<Type> : heddle::detail::declared_outside<__VA_ARGS__> {}
