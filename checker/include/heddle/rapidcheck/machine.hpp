// Concurrent objects under test: calls that RapidCheck generates are made at the same time, by threads or by tasks, and
// their history is checked for linearizability against a sequential model.
//
//     struct counter_machine {
//       using model = int;       // copyable, with ==, and std::hash or <
//       using system = counter;  // made anew for each schedule
//       struct add {
//         int by;
//         int apply(model& now) const { return now += by; }
//         int run(system& tested) const { return tested.add(by); }
//         std::string text() const { return "add(" + std::to_string(by) + ")"; }
//         static rc::Gen<add> generate() { return rc::gen::construct<add>(rc::gen::inRange(1, 4)); }
//       };
//       struct get {
//         int apply(model& now) const { return now; }
//         int run(system& tested) const { return tested.get(); }
//       };
//       using commands = std::variant<add, get>;
//     };
//     HEDDLE_LINEARIZABLE(Counter, IsLinearizable, counter_machine);
//
// How it works. An input is a few calls for each client, and some for the main thread before and after: what the
// clients left behind shows in these. It is a property (property.hpp), so the calls are shrunk, then the schedule. If
// `run` returns a task, clients are tasks on a runtime with two workers, and threads otherwise. See call_log.hpp for
// how calls are recorded, and docs/properties.md.
//
// What a machine may have besides:
//   - `static model initial()`, where model{} is not where it begins;
//   - `static std::unique_ptr<system> make()`, where it has no default constructor;
//   - `static auto key(const commands&)`: calls of different keys have nothing to do with each other, and `model` is
//   that of
//     one key; and `static std::size_t hash(const model&)`;
//   - a command without members is generated and named by itself; another needs generate() or rc::Arbitrary, and text()
//   or
//     <<. What `apply` returns is what `run` must return; void if there is nothing to compare.
//
// Limits: a command must make sense in any state, as the order of the calls is not known when they are generated: let
// it return that it did not apply. A call that throws ends the schedule, as an exception that nobody caught.
#pragma once

#include "heddle/check/call_log.hpp"
#include "heddle/gtest/test.hpp"
#include "heddle/rapidcheck/property.hpp"
#include "heddle/runtime.hpp"

#include <concepts>
#include <cstdint>
#include <memory>
#include <ostream>
#include <source_location>
#include <string>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace heddle::check {

struct machine_options {
  std::uint32_t clients = 2;     // threads or tasks that make calls at the same time
  std::uint32_t calls_max = 3;   // of each of them
  std::uint32_t before_max = 2;  // calls of the main thread before them
  std::uint32_t after_max = 2;   // and after them
  linearizability_options search{};
  options each = property_options();  // how the schedules of the calls are explored
};

namespace detail {

template <typename Command, typename Machine>
using returned_by_apply = decltype(std::declval<const Command&>().apply(std::declval<typename Machine::model&>()));
template <typename Command, typename Machine>
using returned_by_run = decltype(std::declval<const Command&>().run(std::declval<typename Machine::system&>()));

template <typename Result>
using something = std::conditional_t<std::is_void_v<Result>, std::monostate, std::remove_cvref_t<Result>>;

template <typename T>
inline constexpr bool is_task = false;
template <typename T>
inline constexpr bool is_task<task<T>> = true;

template <typename Machine, typename Commands>
struct results_of;
template <typename Machine, typename... Commands>
struct results_of<Machine, std::variant<Commands...>> {
  using type = std::variant<something<returned_by_apply<Commands, Machine>>...>;
  static constexpr bool tasks = (is_task<std::remove_cvref_t<returned_by_run<Commands, Machine>>> || ...);
  static constexpr bool all_tasks = (is_task<std::remove_cvref_t<returned_by_run<Commands, Machine>>> && ...);
  static_assert(tasks == all_tasks, "either every command's run() returns a task, or none does");
};

// The last part of a type's name.
std::string short_type_name(const std::string& name);

template <typename Command>
std::string text_of_command(const Command& what) {
  if constexpr (requires {
                  { what.text() } -> std::convertible_to<std::string>;
                }) {
    return what.text();
  } else if constexpr (requires(std::ostream& out) { out << what; }) {
    return rc::toString(what);
  } else {
    std::ostringstream type;
    rc::detail::showType<Command>(type);
    return short_type_name(type.str()) + (std::is_empty_v<Command> ? "()" : "(?)");
  }
}

// What the history is checked against.
template <typename Machine>
struct machine_specification {
  using state = typename Machine::model;
  using operation = typename Machine::commands;
  using result = typename results_of<Machine, operation>::type;

  static state initial() {
    if constexpr (requires { Machine::initial(); }) {
      return Machine::initial();
    } else {
      return state{};
    }
  }
  static result apply(state& now, const operation& what) { return apply_from<0>(now, what); }
  static auto key(const operation& what)
    requires requires { Machine::key(what); }
  {
    return Machine::key(what);
  }
  static std::size_t hash(const state& now)
    requires requires { Machine::hash(now); }
  {
    return Machine::hash(now);
  }
  static std::string text(const operation& what) {
    return std::visit([](const auto& one) { return text_of_command(one); }, what);
  }
  static std::string text(const result& got) {
    return std::visit(
        [](const auto& one) {
          if constexpr (std::is_same_v<std::remove_cvref_t<decltype(one)>, std::monostate>) {
            return std::string();
          } else {
            return rc::toString(one);
          }
        },
        got);
  }

 private:
  template <std::size_t Index>
  static result apply_from(state& now, const operation& what) {
    if constexpr (Index + 1 < std::variant_size_v<operation>) {
      if (what.index() != Index) return apply_from<Index + 1>(now, what);
    }
    const auto& command = std::get<Index>(what);
    if constexpr (std::is_void_v<decltype(command.apply(now))>) {
      command.apply(now);
      return result(std::in_place_index<Index>);
    } else {
      return result(std::in_place_index<Index>, command.apply(now));
    }
  }
};

// A command as RapidCheck shows it.
template <typename Machine>
struct generated_command {
  typename Machine::commands what;
};
template <typename Machine>
// NOLINTNEXTLINE(readability-identifier-naming): RapidCheck finds it by this name
void showValue(const generated_command<Machine>& one, std::ostream& out) {
  out << machine_specification<Machine>::text(one.what);
}

template <typename Machine>
using generated_commands = std::vector<generated_command<Machine>>;

template <typename Machine>
struct machine_calls {
  generated_commands<Machine> before;
  std::vector<generated_commands<Machine>> clients;
  generated_commands<Machine> after;
};

template <typename Machine, typename Command>
rc::Gen<generated_command<Machine>> generator_of() {
  const auto wrap = [](Command one) { return generated_command<Machine>{std::move(one)}; };
  if constexpr (requires { Command::generate(); }) {
    return rc::gen::map(Command::generate(), wrap);
  } else if constexpr (std::is_empty_v<Command>) {
    return rc::gen::just(wrap(Command{}));
  } else {
    return rc::gen::map(rc::gen::arbitrary<Command>(), wrap);
  }
}

template <typename Machine, typename... Commands>
rc::Gen<generated_command<Machine>> any_command(const std::variant<Commands...>*) {
  return rc::gen::oneOf(generator_of<Machine, Commands>()...);
}

// Up to `count_max` commands; what is in them is as large as the input may be.
template <typename Machine>
generated_commands<Machine> generate_commands(std::uint32_t count_max, const std::string& name) {
  const auto command = any_command<Machine>(static_cast<const typename Machine::commands*>(nullptr));
  return *rc::gen::withSize([count_max, command](int size) {
            return rc::gen::resize(static_cast<int>(count_max),
                                   rc::gen::container<generated_commands<Machine>>(rc::gen::resize(size, command)));
          }).as(name);
}

template <typename Machine>
machine_calls<Machine> generate_calls(const machine_options& chosen) {
  machine_calls<Machine> calls;
  calls.before = generate_commands<Machine>(chosen.before_max, "before, client 0");
  for (std::uint32_t i = 1; i <= chosen.clients; ++i)
    calls.clients.push_back(generate_commands<Machine>(chosen.calls_max, "client " + std::to_string(i)));
  calls.after = generate_commands<Machine>(chosen.after_max, "after, client 0");
  return calls;
}

// One schedule: the object, the calls to make of it, and the log of those that were made.
template <typename Machine>
class machine_run {
 public:
  using specification = machine_specification<Machine>;
  using operation = typename specification::operation;
  using result = typename specification::result;
  static constexpr bool on_tasks = results_of<Machine, operation>::tasks;

  explicit machine_run(const machine_calls<Machine>& calls)
      : calls_(calls), log_(static_cast<std::uint32_t>(calls.clients.size()) + 1), tested_(make()) {}

  void run() {
    if constexpr (on_tasks) {
      auto around = runtime::builder().multi_thread().worker_threads(2).build();
      around.block_on(run_tasks(assume_send(this, "it outlives its tasks")));
    } else {
      call_all(0, calls_.before);
      std::vector<std::thread> clients;
      for (std::size_t i = 0; i < calls_.clients.size(); ++i)
        clients.emplace_back([this, i] { call_all(static_cast<std::uint32_t>(i + 1), calls_.clients[i]); });
      for (std::thread& each : clients) each.join();
      call_all(0, calls_.after);
    }
  }
  void check(const linearizability_options& search, std::source_location where) const { log_.check(search, where); }

 private:
  using pointer = assume_send<machine_run*>;

  static std::unique_ptr<typename Machine::system> make() {
    if constexpr (requires { Machine::make(); }) {
      return Machine::make();
    } else {
      return std::make_unique<typename Machine::system>();
    }
  }

  void call_all(std::uint32_t client, const generated_commands<Machine>& commands) {
    for (const auto& one : commands) log_.record(client, one.what, [&] { return call_from<0>(one.what); });
  }

  template <std::size_t Index>
  result call_from(const operation& what) {
    if constexpr (Index + 1 < std::variant_size_v<operation>) {
      if (what.index() != Index) return call_from<Index + 1>(what);
    }
    const auto& command = std::get<Index>(what);
    if constexpr (std::is_void_v<decltype(command.run(*tested_))>) {
      command.run(*tested_);
      return result(std::in_place_index<Index>);
    } else {
      return result(std::in_place_index<Index>, command.run(*tested_));
    }
  }

  static task<> run_tasks(pointer self) {
    machine_run& all = **self;
    auto before = await_all(self, 0, assume_send(&all.calls_.before, "it outlives the task"));
    co_await std::move(before);
    std::vector<join_handle<void>> clients;
    for (std::size_t i = 0; i < all.calls_.clients.size(); ++i) {
      auto calls = await_all(self, static_cast<std::uint32_t>(i + 1),
                             assume_send(&all.calls_.clients[i], "it outlives the task"));
      clients.push_back(spawn(std::move(calls)));
    }
    // One that was cancelled has left a call that never returned.
    for (auto& each : clients) static_cast<void>(co_await each);
    auto after = await_all(self, 0, assume_send(&all.calls_.after, "it outlives the task"));
    co_await std::move(after);
  }

  static task<> await_all(pointer self, std::uint32_t client,
                          assume_send<const generated_commands<Machine>*> commands) {
    machine_run& all = **self;
    for (const auto& one : **commands) {
      const std::size_t which = all.log_.invoked(client, one.what);
      auto running = await_from<0>(self, assume_send(&one.what, "it outlives the task"));
      auto got = co_await std::move(running);
      all.log_.returned(client, which, std::move(got));
    }
  }

  template <std::size_t Index>
  static task<result> await_from(pointer self, assume_send<const operation*> what) {
    if constexpr (Index + 1 < std::variant_size_v<operation>) {
      if ((*what)->index() != Index) {
        auto other = await_from<Index + 1>(self, what);
        co_return co_await std::move(other);
      }
    }
    auto running = std::get<Index>(**what).run(*(*self)->tested_);
    if constexpr (std::is_void_v<decltype(std::declval<const std::variant_alternative_t<Index, operation>&>().apply(
                      std::declval<typename Machine::model&>()))>) {
      co_await std::move(running);
      co_return result(std::in_place_index<Index>);
    } else {
      auto got = co_await std::move(running);
      co_return result(std::in_place_index<Index>, std::move(got));
    }
  }

  const machine_calls<Machine>& calls_;
  call_log<specification> log_;
  const std::unique_ptr<typename Machine::system> tested_;
};

}  // namespace detail

// Explores the machine's commands. `where` is the place of a finding about the history.
template <typename Machine>
[[nodiscard]] report explore_machine(const machine_options& chosen = {},
                                     std::source_location where = std::source_location::current()) {
  return explore_property(chosen.each, [chosen, where] {
    return [calls = detail::generate_calls<Machine>(chosen), chosen, where] {
      detail::machine_run<Machine> one(calls);
      one.run();
      one.check(chosen.search, where);
    };
  });
}

}  // namespace heddle::check

// The options come last: HEDDLE_LINEARIZABLE_WITH(Suite, Name, machine, heddle::check::machine_options{.clients = 3});
#define HEDDLE_LINEARIZABLE_WITH(suite, name, machine, ...)                                                    \
  TEST(suite, name) {                                                                                          \
    ::heddle::check::detail::report_to_gtest(::heddle::check::explore_machine<machine>(__VA_ARGS__), __FILE__, \
                                             __LINE__);                                                        \
  }                                                                                                            \
  static_assert(true, "asks for a semicolon")

#define HEDDLE_LINEARIZABLE(suite, name, machine) \
  HEDDLE_LINEARIZABLE_WITH(suite, name, machine, ::heddle::check::machine_options{})
