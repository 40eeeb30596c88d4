// Why a type is not send or not sync, as types, since only types are printed well by compilers.
//
// How it works. A verdict is `holds`, or a `broken<step..., reason>`: the way from the type that was asked for to what
// breaks the rule, and the rule. Steps and reasons are never defined further than needed; their names are what is read.
// Each reason has a sentence, in a static_assert of its own, which says what to do.
//
// A message ends with a line such as
//     not_send<coroutine_parameter<1, session>, field<0, cache>, field<2, rc<int>>, cannot_see_into<rc<int>>>
#pragma once

#include <cstddef>

namespace heddle::why {

// Steps: where the type stands in the one before it.
template <std::size_t Number, class T>
struct field;  // from 0
template <class T>
struct element;  // of an array, a container, an optional, a tuple, a variant, an atomic
template <class T>
struct pointee;  // of a smart pointer
template <class T>
struct deleter;
template <class T>
struct allocator;
template <class T>
struct referred_to;

// Steps: where a task or an operation of the runtime meets the type.
template <std::size_t Number, class T>
struct coroutine_parameter;  // from 1; of a member or a lambda, the object comes as number 1
template <class T>
struct coroutine_result;
template <class T>
struct awaited;
template <class T>
struct spawned_function;
template <std::size_t Number, class T>
struct spawned_argument;  // from 1
template <class T>
struct sent_through_a_channel;
template <class T>
struct shared_by_receivers;
template <class T>
struct guarded_by_a_lock;
template <class T>
struct shared_by_tasks;
template <class T>
struct task_local_value;

// Reasons. `say<true>()` is well-formed; `say<false>()` fails with the sentence.
template <class T>
struct is_a_raw_pointer {
  template <bool Holds>
  static constexpr void say() {
    static_assert(
        Holds,
        "a raw pointer says neither who owns what it points to nor who else uses it. Own it (std::unique_ptr, "
        "std::shared_ptr, a value), or say heddle::assume_send(pointer, \"why no other task uses it\")");
  }
};
template <class T>
struct is_a_view {
  template <bool Holds>
  static constexpr void say() {
    static_assert(
        Holds,
        "a view refers to what somebody else owns, which may be gone or in use when the task runs on. Own it: "
        "std::string for std::string_view, std::vector for std::span, a value for std::ref; spawn(fn, "
        "args...) keeps the arguments it is given");
  }
};
template <class T>
struct belongs_to_its_thread {
  template <bool Holds>
  static constexpr void say() {
    static_assert(Holds,
                  "this object belongs to the thread that made it (a lock has to be released by the thread that took "
                  "it), and the task may go on on another one. Let it end before the co_await, or use what is made "
                  "for tasks, such as heddle::sync::mutex; on one thread, use local_task and spawn_local");
  }
};
template <class T>
struct hides_what_it_holds {
  template <bool Holds>
  static constexpr void say() {
    static_assert(Holds,
                  "this type can hold any other, and does not show which: std::function, std::any and their like may "
                  "hold what must not leave its thread. Use a template parameter or the closure itself, or say "
                  "heddle::assume_send(value, \"why what it holds is safe\")");
  }
};
template <class T>
struct is_declared_so {
  template <bool Holds>
  static constexpr void say() {
    static_assert(Holds,
                  "this type is declared not to leave its thread, or not to be used by several at once: look for "
                  "declare_send, declare_sync, HEDDLE_DECLARE_SEND and HEDDLE_DECLARE_SYNC");
  }
};
template <class T>
struct may_be_a_derived_class {
  template <bool Holds>
  static constexpr void say() {
    static_assert(Holds,
                  "this class has virtual functions, and what is derived from it may hold anything. If all that is "
                  "derived from it may move between threads, declare it: in the class, using declare_send = "
                  "heddle::declared_true<this class, \"why\">; elsewhere, HEDDLE_DECLARE_SEND(this class, true)");
  }
};
template <class T>
struct cannot_see_into {
  template <bool Holds>
  static constexpr void say() {
    static_assert(
        Holds,
        "C++ does not show what this class holds: it has private members, a base class or a destructor, and is no "
        "plain value without pointers. If it may "
        "move between threads, declare it: in the class, using declare_send = heddle::declared_true<this "
        "class, \"why\">; elsewhere, HEDDLE_DECLARE_SEND(this class, true)");
  }
};
template <class T>
struct cannot_see_captures_of {
  template <bool Holds>
  static constexpr void say() {
    static_assert(Holds,
                  "C++ does not show what this lambda captures. Pass it as arguments instead, which are checked and "
                  "kept alive: spawn(fn, args...), with fn a lambda without captures; or say heddle::assume_send(fn, "
                  "\"why its captures are safe\")");
  }
};
template <class T>
struct captures_a_pointer_or_reference {
  template <bool Holds>
  static constexpr void say() {
    static_assert(Holds,
                  "this lambda captures a pointer or a reference (this, [&], [&x] or a view), and what it refers to "
                  "may be gone or in use when the task runs on. Pass what it needs as arguments, which are checked "
                  "and kept alive: spawn(fn, args...)");
  }
};
template <class T>
struct is_incomplete_here {
  template <bool Holds>
  static constexpr void say() {
    static_assert(Holds,
                  "this class is only declared here, so nothing is known of it: define it before, or declare it with "
                  "HEDDLE_DECLARE_SEND(this class, true)");
  }
};

}  // namespace heddle::why

namespace heddle::detail {

// Verdicts.
struct holds {};
template <class... StepsAndReason>
struct broken {};

template <class Verdict, class... Steps>
struct behind;
template <class... Steps>
struct behind<holds, Steps...> {
  using type = holds;
};
template <class... Rest, class... Steps>
struct behind<broken<Rest...>, Steps...> {
  using type = broken<Steps..., Rest...>;
};
// The verdict on what the steps lead to, as one on where they begin.
template <class Verdict, class... Steps>
using behind_t = typename behind<Verdict, Steps...>::type;

// The first of the verdicts that is not `holds`.
template <class... Verdicts>
struct first_broken {
  using type = holds;
};
template <class... Rest>
struct first_broken<holds, Rest...> : first_broken<Rest...> {};
template <class... Steps, class... Rest>
struct first_broken<broken<Steps...>, Rest...> {
  using type = broken<Steps...>;
};

}  // namespace heddle::detail
