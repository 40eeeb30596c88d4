// Whether a history of concurrent calls can be explained by a sequential specification.
//
//     struct register_specification {
//       using state = int;
//       using operation = std::optional<int>;  // a write of the value, or a read
//       using result = int;
//       static state initial() { return 0; }
//       static result apply(state& now, const operation& what) { return what ? now = *what : now; }
//     };
//
//     const auto verdict = heddle::check::check_linearizability<register_specification>(history);
//     if (!verdict.holds()) std::puts(verdict.text.c_str());
//
// A history is linearizable if each call can be given one moment between its invocation and its return, so that the
// calls, made one after the other in the order of these moments, return what they did return (Herlihy and Wing, TOPLAS
// 1990). A call that never returned may have taken effect at any moment after its invocation, or not at all. Record
// histories with call_log.hpp; the moments may come from anywhere else as well.
//
// How it works. The search of Wing and Gong (JPDC 1993) with the memory of Lowe ("Testing for linearizability", CCPE
// 2017): see linearizability/search.cpp. If the specification has a key, the calls of each key are searched by
// themselves, which is the same where an object is made of independent ones (Horn and Kroening, FORTE 2015).
//
// Thread safety: none is needed, as it has no state. It needs neither the machine nor a test framework.
//
// Limits: the problem is NP-complete. Effort grows with the number of calls that overlap, and with how late their order
// shows: hardly with the length of the history where states soon meet again, as of registers, counters, sets and short
// queues, and exponentially of a queue that grows long. The search ends undecided after
// linearizability_options::steps_max. A specification is deterministic: one state and one operation have one result.
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <ostream>
#include <span>
#include <sstream>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace heddle::check {

// What the object does when its calls are made one after the other. `state` can be hashed by std::hash or by a static
// `hash(state)`, or else be compared by <. Optional: a static `key(operation)`, ordered by <, such that calls of
// different keys have nothing to do with each other, and `initial()` is then the state of one key; and a static
// `text(operation)` and `text(result)` for reports, where << does not do.
template <typename T>
concept sequential_specification =
    std::copyable<typename T::state> && std::equality_comparable<typename T::state> &&
    std::copy_constructible<typename T::operation> && std::copy_constructible<typename T::result> &&
    std::equality_comparable<typename T::result> &&
    requires(typename T::state& state, const typename T::operation& operation) {
      { T::initial() } -> std::convertible_to<typename T::state>;
      { T::apply(state, operation) } -> std::convertible_to<typename T::result>;
    };

// One call of a history. Moments are numbers that grow with time, no two of a history the same.
template <sequential_specification Specification>
struct call {
  std::uint32_t client = 0;  // who made it: a column of the drawing
  typename Specification::operation operation;
  std::uint64_t invoked = 0;
  std::optional<typename Specification::result> result{};  // nothing: it never returned
  std::uint64_t returned = 0;                              // if there is a result
};

template <sequential_specification Specification>
using history = std::vector<call<Specification>>;

struct linearizability_options {
  // Calls that are tried in the model before the search ends undecided. Each that leads to something new is remembered,
  // which takes some 20 to 50 bytes.
  std::uint64_t steps_max = 4'000'000;
};

struct linearizability {
  enum class outcome : std::uint8_t { linearizable, not_linearizable, undecided };

  bool holds() const noexcept { return found == outcome::linearizable; }

  outcome found = outcome::linearizable;
  // Numbers of calls in the history. Linearizable: all that took effect, in an order that explains them, one key after
  // the other. Otherwise the longest order, of one key, that could be explained.
  std::vector<std::size_t> order{};
  std::uint64_t steps = 0;  // calls tried in the model
  // If it does not hold: the history of that key drawn, a column for each client, and how far it can be explained.
  std::string text{};
};

namespace detail {

inline constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

// What the search knows of a call.
struct call_interval {
  std::uint64_t invoked = 0;
  std::uint64_t returned = never;
};

// The model, for the search: states and calls are numbers. State 0 is the initial one.
class call_model {
 public:
  call_model() = default;
  call_model(const call_model&) = delete;
  call_model& operator=(const call_model&) = delete;
  virtual ~call_model() = default;

  // The state after the call, or nothing where the call would have returned something else.
  virtual std::optional<std::uint32_t> step(std::uint32_t state, std::size_t call) = 0;
};

// `order` counts in `calls`.
linearizability search_linearization(std::span<const call_interval> calls, call_model& model, std::uint64_t steps_max);

// What the drawing knows of a call.
struct drawn_call {
  std::uint32_t client = 0;
  call_interval when;
  std::string operation;
  std::string result;  // empty if it never returned, or returned nothing worth a word
};

// The history as columns, one for each client.
std::string draw_history(std::span<const drawn_call> calls);

// What can be said of a search that found no order. `expected`: what the model would return to each call that comes
// next, in the order of `next`.
struct next_call {
  std::size_t call = 0;
  std::string expected;
};
std::string explain_search(std::span<const drawn_call> calls, const linearizability& searched,
                           std::span<const next_call> next);

// Those that could come next after `order`.
std::vector<std::size_t> calls_after(std::span<const call_interval> calls, std::span<const std::size_t> order);

template <typename Specification, typename Value>
std::string call_text(const Value& value) {
  if constexpr (requires {
                  { Specification::text(value) } -> std::convertible_to<std::string>;
                }) {
    return Specification::text(value);
  } else if constexpr (requires(std::ostream& out) { out << value; }) {
    std::ostringstream out;
    out << value;
    return out.str();
  } else {
    return "?";
  }
}

template <typename Specification>
inline constexpr bool has_own_hash = requires(const typename Specification::state& state) {
  { Specification::hash(state) } -> std::convertible_to<std::size_t>;
};
template <typename State>
concept has_standard_hash = requires(const State& state) {
  { std::hash<State>{}(state) } -> std::convertible_to<std::size_t>;
};
template <typename State>
concept has_order = requires(const State& a, const State& b) {
  { a < b } -> std::convertible_to<bool>;
};

// Numbers for states.
template <typename Specification>
class state_numbers {
 public:
  using state = typename Specification::state;

  std::uint32_t number_of(state&& one) {
    const auto [at, is_new] = numbers_.try_emplace(std::move(one), static_cast<std::uint32_t>(states_.size()));
    if (is_new) states_.push_back(&at->first);
    return at->second;
  }
  const state& operator[](std::uint32_t number) const { return *states_[number]; }

 private:
  static constexpr bool hashed = has_own_hash<Specification> || has_standard_hash<state>;
  static_assert(
      hashed || has_order<state>,
      "states of the specification must be remembered: give it a static hash(state), or std::hash or < for it");

  struct hash {
    std::size_t operator()(const state& one) const {
      if constexpr (has_own_hash<Specification>) {
        return Specification::hash(one);
      } else {
        return std::hash<state>{}(one);
      }
    }
  };
  struct by_hash {
    using type = std::unordered_map<state, std::uint32_t, hash>;
  };
  struct by_order {
    using type = std::map<state, std::uint32_t>;
  };
  // Both keep their elements where they are.
  typename std::conditional_t<hashed, by_hash, by_order>::type numbers_;
  std::vector<const state*> states_;
};

// The calls of one key.
template <typename Specification>
class specified_calls final : public call_model {
 public:
  explicit specified_calls(const history<Specification>& all) : all_(all) {
    states_.number_of(Specification::initial());
  }

  void add(std::size_t number) {
    const call<Specification>& one = all_[number];
    numbers_.push_back(number);
    intervals_.push_back({one.invoked, one.result ? one.returned : never});
  }

  std::optional<std::uint32_t> step(std::uint32_t state, std::size_t call) override {
    const auto& what = all_[numbers_[call]];
    typename Specification::state after = states_[state];
    const typename Specification::result result = Specification::apply(after, what.operation);
    if (what.result && !(*what.result == result)) return std::nullopt;
    return states_.number_of(std::move(after));
  }

  // `order` counts in the whole history.
  linearizability search(std::uint64_t steps_max) {
    linearizability result = search_linearization(intervals_, *this, steps_max);
    if (!result.holds()) result.text = text_of(result);
    for (std::size_t& one : result.order) one = numbers_[one];
    return result;
  }

 private:
  std::string text_of(const linearizability& searched) const {
    std::vector<drawn_call> drawn;
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
      const auto& one = all_[numbers_[i]];
      drawn.push_back({one.client, intervals_[i], call_text<Specification>(one.operation),
                       one.result ? call_text<Specification>(*one.result) : std::string()});
    }
    typename Specification::state reached = Specification::initial();
    for (const std::size_t each : searched.order) Specification::apply(reached, all_[numbers_[each]].operation);
    std::vector<next_call> next;
    for (const std::size_t each : calls_after(intervals_, searched.order)) {
      typename Specification::state after = reached;
      next.push_back({each, call_text<Specification>(typename Specification::result(
                                Specification::apply(after, all_[numbers_[each]].operation)))});
    }
    return explain_search(drawn, searched, next);
  }

  const history<Specification>& all_;
  std::vector<std::size_t> numbers_;
  std::vector<call_interval> intervals_;
  state_numbers<Specification> states_;
};

template <typename Specification>
concept has_key = requires(const typename Specification::operation& operation) {
  { Specification::key(operation) };
};

// The numbers of the calls of each key.
template <typename Specification>
auto calls_by_key(const history<Specification>& all) {
  if constexpr (has_key<Specification>) {
    std::map<std::remove_cvref_t<decltype(Specification::key(all[0].operation))>, std::vector<std::size_t>> by_key;
    for (std::size_t i = 0; i < all.size(); ++i) by_key[Specification::key(all[i].operation)].push_back(i);
    return by_key;
  } else {
    std::map<int, std::vector<std::size_t>> by_key;
    for (std::size_t i = 0; i < all.size(); ++i) by_key[0].push_back(i);
    return by_key;
  }
}

}  // namespace detail

// REQUIRES: no call returned before it was invoked.
template <sequential_specification Specification>
[[nodiscard]] linearizability check_linearizability(const history<Specification>& all,
                                                    const linearizability_options& chosen = {}) {
  linearizability result;
  for (const auto& [key, numbers] : detail::calls_by_key<Specification>(all)) {
    detail::specified_calls<Specification> calls(all);
    for (const std::size_t number : numbers) calls.add(number);
    linearizability one = calls.search(chosen.steps_max - result.steps);
    one.steps += result.steps;
    if (!one.holds()) return one;
    result.steps = one.steps;
    result.order.insert(result.order.end(), one.order.begin(), one.order.end());
  }
  return result;
}

}  // namespace heddle::check
