// The types of an aggregate's fields, found without a word from the aggregate.
//
// How it works. Where each field can be made from empty braces, so many of these as `T{{}, {}, ...}` takes is the
// number of fields; that is cheap to try, as no conversion is looked for. Else a type that converts to anything stands
// for each initialiser: the largest number of them that `T{...}` takes is found by trying. An array takes one for each
// element, so a second pass asks of each place whether braces around several initialisers leave room for more behind
// them; if not, they were elements of one field. The number of fields known, a structured binding names them, and
// `decltype` of each name is the field as it was declared. Nothing is evaluated, and nothing has to be movable.
//
// Limits. Aggregates with base classes, and those with more than `fields_max` fields or `initializers_max`
// initialisers, are not seen into, nor those with a reference to what is not const. One with an anonymous union is an
// error of the language inside `bind`. A field that takes whatever it is given, as std::any, is not counted in an
// aggregate with a field that cannot be made from empty braces; such a one is not seen into.
#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace heddle::detail {

template <class... Ts>
struct type_list {};

// Not seen into.
struct unknown_fields {};

namespace aggregate {

inline constexpr std::size_t fields_max = 24;
inline constexpr std::size_t initializers_max = 600;
inline constexpr std::size_t none = static_cast<std::size_t>(-1);

// Not copyable, so that constructors that take anything copyable, such as std::any's, are none for it.
template <std::size_t>
struct anything {
  anything() = default;
  anything(const anything&) = delete;
  template <class U>
  operator U() const noexcept {  // NOLINT(google-explicit-constructor): that is its purpose
    // Never called; defined, as clang warns of functions of unnamed namespaces that are not.
    __builtin_unreachable();
  }
};

// Converts to the base classes of T only.
template <class T>
struct any_base {
  template <class U>
    requires(__is_base_of(U, T) && !__is_same(U, T))
  operator U() const noexcept;  // NOLINT(google-explicit-constructor): that is its purpose
};

template <class T>
concept has_base = requires { T{any_base<T>{}}; };

// Converts to anything that can be referred to.
struct any_lvalue {
  template <class U>
  operator U&() const noexcept {  // NOLINT(google-explicit-constructor): that is its purpose
    __builtin_unreachable();
  }
};

// Whether T takes so many empty braces, and whether it takes something else behind them.
template <class T, std::size_t Count>
inline constexpr bool takes_empty = false;
template <class T, std::size_t Count>
inline constexpr bool takes_more = false;
template <class T>
inline constexpr bool takes_empty<T, 0> = requires { T{}; };
template <class T>
inline constexpr bool takes_more<T, 0> = requires { T{anything<0>{}}; } || requires { T{any_lvalue{}}; };
// clang-format off
#define HEDDLE_EMPTY(Count, ...)                                                   \
  template <class T>                                                               \
  inline constexpr bool takes_empty<T, Count> = requires { T{__VA_ARGS__}; };      \
  template <class T>                                                               \
  inline constexpr bool takes_more<T, Count> =                                     \
      requires { T{__VA_ARGS__, anything<0>{}}; } || requires { T{__VA_ARGS__, any_lvalue{}}; }
HEDDLE_EMPTY(1, {});
HEDDLE_EMPTY(2, {}, {});
HEDDLE_EMPTY(3, {}, {}, {});
HEDDLE_EMPTY(4, {}, {}, {}, {});
HEDDLE_EMPTY(5, {}, {}, {}, {}, {});
HEDDLE_EMPTY(6, {}, {}, {}, {}, {}, {});
HEDDLE_EMPTY(7, {}, {}, {}, {}, {}, {}, {});
HEDDLE_EMPTY(8, {}, {}, {}, {}, {}, {}, {}, {});
HEDDLE_EMPTY(9, {}, {}, {}, {}, {}, {}, {}, {}, {});
HEDDLE_EMPTY(10, {}, {}, {}, {}, {}, {}, {}, {}, {}, {});
HEDDLE_EMPTY(11, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {});
HEDDLE_EMPTY(12, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {});
HEDDLE_EMPTY(13, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {});
HEDDLE_EMPTY(14, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {});
HEDDLE_EMPTY(15, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {});
HEDDLE_EMPTY(16, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {});
HEDDLE_EMPTY(17, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {});
HEDDLE_EMPTY(18, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {});
HEDDLE_EMPTY(19, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {});
HEDDLE_EMPTY(20, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {});
HEDDLE_EMPTY(21, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {});
HEDDLE_EMPTY(22, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {});
HEDDLE_EMPTY(23, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {});
HEDDLE_EMPTY(24, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {});
#undef HEDDLE_EMPTY
// clang-format on

// The largest number of empty braces that is valid, given that Low is and High is not. Few fields are the common case.
template <class T, std::size_t Low = 0, std::size_t High = fields_max + 1>
constexpr std::size_t most_empty() {
  constexpr std::size_t middle = Low == 0 && High > fields_max ? 4 : Low + (High - Low) / 2;
  if constexpr (High - Low == 1) {
    return Low;
  } else if constexpr (takes_empty<T, middle>) {
    return most_empty<T, middle, High>();
  } else {
    return most_empty<T, Low, middle>();
  }
}

template <class T, std::size_t... Index>
constexpr bool takes(std::index_sequence<Index...>) {
  return requires { T{anything<Index>{}...}; };
}
// Whether T{before..., {braced...}, after...} is valid.
template <class T, std::size_t... Before, std::size_t... Braced, std::size_t... After>
constexpr bool takes(std::index_sequence<Before...>, std::index_sequence<Braced...>, std::index_sequence<After...>) {
  return requires { T{anything<Before>{}..., {anything<Braced>{}...}, anything<After>{}...}; };
}

template <class T, std::size_t Count>
constexpr bool takes_count() {
  return takes<T>(std::make_index_sequence<Count>());
}
// Whether braces around so many initialisers may stand at the place First.
template <class T, std::size_t First, std::size_t Count>
constexpr bool takes_braced() {
  return takes<T>(std::make_index_sequence<First>(), std::make_index_sequence<Count>(), std::index_sequence<>());
}

// The smallest number of initialisers that is valid: a reference, for one, has to be given.
template <class T, std::size_t Count = 0>
constexpr std::size_t fewest_initializers() {
  if constexpr (takes_count<T, Count>()) {
    return Count;
  } else if constexpr (Count == fields_max) {
    return none;
  } else {
    return fewest_initializers<T, Count + 1>();
  }
}

// The largest number that is valid, given that Low is and High is not.
template <class T, std::size_t Low, std::size_t High>
constexpr std::size_t most_initializers_between() {
  constexpr std::size_t middle = Low + (High - Low) / 2;
  if constexpr (High - Low == 1) {
    return Low;
  } else if constexpr (takes_count<T, middle>()) {
    return most_initializers_between<T, middle, High>();
  } else {
    return most_initializers_between<T, Low, middle>();
  }
}
template <class T, std::size_t Valid, std::size_t Step = 1>
constexpr std::size_t most_initializers() {
  if constexpr (Valid == none || Valid + Step > initializers_max) {
    return none;
  } else if constexpr (takes_count<T, Valid + Step>()) {
    return most_initializers<T, Valid + Step, Step * 2>();
  } else {
    return most_initializers_between<T, Valid, Valid + Step>();
  }
}

// The largest number of initialisers in braces at First, given that High is too large.
template <class T, std::size_t First, std::size_t Low, std::size_t High>
constexpr std::size_t most_braced() {
  constexpr std::size_t middle = Low + (High - Low) / 2;
  if constexpr (High - Low <= 1) {
    return Low;
  } else if constexpr (takes_braced<T, First, middle>()) {
    return most_braced<T, First, middle, High>();
  } else {
    return most_braced<T, First, Low, middle>();
  }
}

// How many of the initialisers from First on belong to one field. Where empty braces leave room for all the others it
// is one, and braces with something in them, which might call a constructor of a container, are not tried. Else it is
// an array if what fits into its braces leaves no room for more than the rest.
template <class T, std::size_t First, std::size_t Total>
constexpr std::size_t width() {
  using before = std::make_index_sequence<First>;
  if constexpr (takes<T>(before(), std::index_sequence<>(), std::make_index_sequence<Total - First - 1>())) {
    return 1;
  } else {
    constexpr std::size_t size = most_braced<T, First, 1, Total - First + 1>();
    constexpr std::size_t rest = Total - First - size;
    if constexpr (takes<T>(before(), std::make_index_sequence<size>(), std::make_index_sequence<rest>()) &&
                  !takes<T>(before(), std::make_index_sequence<size>(), std::make_index_sequence<rest + 1>())) {
      return size;
    } else {
      return 1;
    }
  }
}

template <class T, std::size_t Total, std::size_t First = 0>
constexpr std::size_t fields() {
  if constexpr (Total == none) {
    return none;
  } else if constexpr (First >= Total) {
    return 0;
  } else {
    return 1 + fields<T, Total, First + width<T, First, Total>()>();
  }
}

// The fields' types as they were declared, references among them.
// clang-format off
#define HEDDLE_T(name) decltype(name)
template <std::size_t Count, class T>
constexpr auto bind([[maybe_unused]] T& t) {
  if constexpr (Count == 0) {
    return type_list<>{};
  } else if constexpr (Count == 1) {
    [[maybe_unused]] auto& [a] = t;
    return type_list<HEDDLE_T(a)>{};
  } else if constexpr (Count == 2) {
    [[maybe_unused]] auto& [a, b] = t;
    return type_list<HEDDLE_T(a), HEDDLE_T(b)>{};
  } else if constexpr (Count == 3) {
    [[maybe_unused]] auto& [a, b, c] = t;
    return type_list<HEDDLE_T(a), HEDDLE_T(b), HEDDLE_T(c)>{};
  } else if constexpr (Count == 4) {
    [[maybe_unused]] auto& [a, b, c, d] = t;
    return type_list<HEDDLE_T(a), HEDDLE_T(b), HEDDLE_T(c), HEDDLE_T(d)>{};
  } else if constexpr (Count == 5) {
    [[maybe_unused]] auto& [a, b, c, d, e] = t;
    return type_list<HEDDLE_T(a), HEDDLE_T(b), HEDDLE_T(c), HEDDLE_T(d), HEDDLE_T(e)>{};
  } else if constexpr (Count == 6) {
    [[maybe_unused]] auto& [a, b, c, d, e, f] = t;
    return type_list<HEDDLE_T(a), HEDDLE_T(b), HEDDLE_T(c), HEDDLE_T(d), HEDDLE_T(e), HEDDLE_T(f)>{};
  } else if constexpr (Count == 7) {
    [[maybe_unused]] auto& [a, b, c, d, e, f, g] = t;
    return type_list<HEDDLE_T(a), HEDDLE_T(b), HEDDLE_T(c), HEDDLE_T(d), HEDDLE_T(e), HEDDLE_T(f), HEDDLE_T(g)>{};
  } else if constexpr (Count == 8) {
    [[maybe_unused]] auto& [a, b, c, d, e, f, g, h] = t;
    return type_list<HEDDLE_T(a), HEDDLE_T(b), HEDDLE_T(c), HEDDLE_T(d), HEDDLE_T(e), HEDDLE_T(f), HEDDLE_T(g),
                     HEDDLE_T(h)>{};
  } else if constexpr (Count == 9) {
    [[maybe_unused]] auto& [a, b, c, d, e, f, g, h, i] = t;
    return type_list<HEDDLE_T(a), HEDDLE_T(b), HEDDLE_T(c), HEDDLE_T(d), HEDDLE_T(e), HEDDLE_T(f), HEDDLE_T(g),
                     HEDDLE_T(h), HEDDLE_T(i)>{};
  } else if constexpr (Count == 10) {
    [[maybe_unused]] auto& [a, b, c, d, e, f, g, h, i, j] = t;
    return type_list<HEDDLE_T(a), HEDDLE_T(b), HEDDLE_T(c), HEDDLE_T(d), HEDDLE_T(e), HEDDLE_T(f), HEDDLE_T(g),
                     HEDDLE_T(h), HEDDLE_T(i), HEDDLE_T(j)>{};
  } else if constexpr (Count == 11) {
    [[maybe_unused]] auto& [a, b, c, d, e, f, g, h, i, j, k] = t;
    return type_list<HEDDLE_T(a), HEDDLE_T(b), HEDDLE_T(c), HEDDLE_T(d), HEDDLE_T(e), HEDDLE_T(f), HEDDLE_T(g),
                     HEDDLE_T(h), HEDDLE_T(i), HEDDLE_T(j), HEDDLE_T(k)>{};
  } else if constexpr (Count == 12) {
    [[maybe_unused]] auto& [a, b, c, d, e, f, g, h, i, j, k, l] = t;
    return type_list<HEDDLE_T(a), HEDDLE_T(b), HEDDLE_T(c), HEDDLE_T(d), HEDDLE_T(e), HEDDLE_T(f), HEDDLE_T(g),
                     HEDDLE_T(h), HEDDLE_T(i), HEDDLE_T(j), HEDDLE_T(k), HEDDLE_T(l)>{};
  } else if constexpr (Count == 13) {
    [[maybe_unused]] auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = t;
    return type_list<HEDDLE_T(a), HEDDLE_T(b), HEDDLE_T(c), HEDDLE_T(d), HEDDLE_T(e), HEDDLE_T(f), HEDDLE_T(g),
                     HEDDLE_T(h), HEDDLE_T(i), HEDDLE_T(j), HEDDLE_T(k), HEDDLE_T(l), HEDDLE_T(m)>{};
  } else if constexpr (Count == 14) {
    [[maybe_unused]] auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = t;
    return type_list<HEDDLE_T(a), HEDDLE_T(b), HEDDLE_T(c), HEDDLE_T(d), HEDDLE_T(e), HEDDLE_T(f), HEDDLE_T(g),
                     HEDDLE_T(h), HEDDLE_T(i), HEDDLE_T(j), HEDDLE_T(k), HEDDLE_T(l), HEDDLE_T(m), HEDDLE_T(n)>{};
  } else if constexpr (Count == 15) {
    [[maybe_unused]] auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] = t;
    return type_list<HEDDLE_T(a), HEDDLE_T(b), HEDDLE_T(c), HEDDLE_T(d), HEDDLE_T(e), HEDDLE_T(f), HEDDLE_T(g),
                     HEDDLE_T(h), HEDDLE_T(i), HEDDLE_T(j), HEDDLE_T(k), HEDDLE_T(l), HEDDLE_T(m), HEDDLE_T(n),
                     HEDDLE_T(o)>{};
  } else if constexpr (Count == 16) {
    [[maybe_unused]] auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = t;
    return type_list<HEDDLE_T(a), HEDDLE_T(b), HEDDLE_T(c), HEDDLE_T(d), HEDDLE_T(e), HEDDLE_T(f), HEDDLE_T(g),
                     HEDDLE_T(h), HEDDLE_T(i), HEDDLE_T(j), HEDDLE_T(k), HEDDLE_T(l), HEDDLE_T(m), HEDDLE_T(n),
                     HEDDLE_T(o), HEDDLE_T(p)>{};
  } else if constexpr (Count == 17) {
    [[maybe_unused]] auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q] = t;
    return type_list<HEDDLE_T(a), HEDDLE_T(b), HEDDLE_T(c), HEDDLE_T(d), HEDDLE_T(e), HEDDLE_T(f), HEDDLE_T(g),
                     HEDDLE_T(h), HEDDLE_T(i), HEDDLE_T(j), HEDDLE_T(k), HEDDLE_T(l), HEDDLE_T(m), HEDDLE_T(n),
                     HEDDLE_T(o), HEDDLE_T(p), HEDDLE_T(q)>{};
  } else if constexpr (Count == 18) {
    [[maybe_unused]] auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r] = t;
    return type_list<HEDDLE_T(a), HEDDLE_T(b), HEDDLE_T(c), HEDDLE_T(d), HEDDLE_T(e), HEDDLE_T(f), HEDDLE_T(g),
                     HEDDLE_T(h), HEDDLE_T(i), HEDDLE_T(j), HEDDLE_T(k), HEDDLE_T(l), HEDDLE_T(m), HEDDLE_T(n),
                     HEDDLE_T(o), HEDDLE_T(p), HEDDLE_T(q), HEDDLE_T(r)>{};
  } else if constexpr (Count == 19) {
    [[maybe_unused]] auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s] = t;
    return type_list<HEDDLE_T(a), HEDDLE_T(b), HEDDLE_T(c), HEDDLE_T(d), HEDDLE_T(e), HEDDLE_T(f), HEDDLE_T(g),
                     HEDDLE_T(h), HEDDLE_T(i), HEDDLE_T(j), HEDDLE_T(k), HEDDLE_T(l), HEDDLE_T(m), HEDDLE_T(n),
                     HEDDLE_T(o), HEDDLE_T(p), HEDDLE_T(q), HEDDLE_T(r), HEDDLE_T(s)>{};
  } else if constexpr (Count == 20) {
    [[maybe_unused]] auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, u] = t;
    return type_list<HEDDLE_T(a), HEDDLE_T(b), HEDDLE_T(c), HEDDLE_T(d), HEDDLE_T(e), HEDDLE_T(f), HEDDLE_T(g),
                     HEDDLE_T(h), HEDDLE_T(i), HEDDLE_T(j), HEDDLE_T(k), HEDDLE_T(l), HEDDLE_T(m), HEDDLE_T(n),
                     HEDDLE_T(o), HEDDLE_T(p), HEDDLE_T(q), HEDDLE_T(r), HEDDLE_T(s), HEDDLE_T(u)>{};
  } else if constexpr (Count == 21) {
    [[maybe_unused]] auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v] = t;
    return type_list<HEDDLE_T(a), HEDDLE_T(b), HEDDLE_T(c), HEDDLE_T(d), HEDDLE_T(e), HEDDLE_T(f), HEDDLE_T(g),
                     HEDDLE_T(h), HEDDLE_T(i), HEDDLE_T(j), HEDDLE_T(k), HEDDLE_T(l), HEDDLE_T(m), HEDDLE_T(n),
                     HEDDLE_T(o), HEDDLE_T(p), HEDDLE_T(q), HEDDLE_T(r), HEDDLE_T(s), HEDDLE_T(u), HEDDLE_T(v)>{};
  } else if constexpr (Count == 22) {
    [[maybe_unused]] auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w] = t;
    return type_list<HEDDLE_T(a), HEDDLE_T(b), HEDDLE_T(c), HEDDLE_T(d), HEDDLE_T(e), HEDDLE_T(f), HEDDLE_T(g),
                     HEDDLE_T(h), HEDDLE_T(i), HEDDLE_T(j), HEDDLE_T(k), HEDDLE_T(l), HEDDLE_T(m), HEDDLE_T(n),
                     HEDDLE_T(o), HEDDLE_T(p), HEDDLE_T(q), HEDDLE_T(r), HEDDLE_T(s), HEDDLE_T(u), HEDDLE_T(v),
                     HEDDLE_T(w)>{};
  } else if constexpr (Count == 23) {
    [[maybe_unused]] auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x] = t;
    return type_list<HEDDLE_T(a), HEDDLE_T(b), HEDDLE_T(c), HEDDLE_T(d), HEDDLE_T(e), HEDDLE_T(f), HEDDLE_T(g),
                     HEDDLE_T(h), HEDDLE_T(i), HEDDLE_T(j), HEDDLE_T(k), HEDDLE_T(l), HEDDLE_T(m), HEDDLE_T(n),
                     HEDDLE_T(o), HEDDLE_T(p), HEDDLE_T(q), HEDDLE_T(r), HEDDLE_T(s), HEDDLE_T(u), HEDDLE_T(v),
                     HEDDLE_T(w), HEDDLE_T(x)>{};
  } else if constexpr (Count == 24) {
    [[maybe_unused]] auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, u, v, w, x, y] = t;
    return type_list<HEDDLE_T(a), HEDDLE_T(b), HEDDLE_T(c), HEDDLE_T(d), HEDDLE_T(e), HEDDLE_T(f), HEDDLE_T(g),
                     HEDDLE_T(h), HEDDLE_T(i), HEDDLE_T(j), HEDDLE_T(k), HEDDLE_T(l), HEDDLE_T(m), HEDDLE_T(n),
                     HEDDLE_T(o), HEDDLE_T(p), HEDDLE_T(q), HEDDLE_T(r), HEDDLE_T(s), HEDDLE_T(u), HEDDLE_T(v),
                     HEDDLE_T(w), HEDDLE_T(x), HEDDLE_T(y)>{};
  }
}
#undef HEDDLE_T
// clang-format on

template <class T>
constexpr std::size_t count_by_conversions() {
  return fields<T, most_initializers<T, fewest_initializers<T>()>()>();
}
template <class T>
constexpr std::size_t count_fields() {
  if constexpr (!takes_empty<T, 0>) {  // NOLINT(bugprone-branch-clone): asked one behind the other
    return count_by_conversions<T>();
  } else if constexpr (takes_more<T, most_empty<T>()>) {
    return count_by_conversions<T>();
  } else {
    return most_empty<T>();
  }
}

template <class T>
constexpr auto fields_of() {
  if constexpr (has_base<T> || requires { sizeof(std::tuple_size<T>); }) {
    return unknown_fields{};
  } else {
    constexpr std::size_t count = count_fields<T>();
    if constexpr (count > fields_max) {
      return unknown_fields{};
    } else {
      return decltype(bind<count>(std::declval<T&>())){};
    }
  }
}

}  // namespace aggregate

// A type_list of the fields of the aggregate T, or unknown_fields.
template <class T>
using fields_of = decltype(aggregate::fields_of<T>());

}  // namespace heddle::detail
