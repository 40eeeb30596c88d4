// Why a type is not send or not sync, as types, since only types are printed well by compilers.
//
// How it works. A verdict is `holds`, or a `broken<reason, step...>`: the rule, and the way from the type that was
// asked for to what breaks it. Steps and reasons are not defined; their names are what is read. Demanding a verdict
// that is broken instantiates `not_send`, which has a sentence for each reason that says what to do. The compiler
// prints the sentence, and then the name of what it instantiated, such as
//     not_send<way<coroutine_parameter<1, session>, field<0, cache>, field<2, rc<int>>>, cannot_see_into<rc<int>>>
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
template <class T>
struct carried;  // by a type of heddle

// Steps: where a task or an operation of the runtime meets the type.
template <std::size_t Number, class T>
struct coroutine_parameter;  // from 1; of a member or a lambda, the object comes as number 1
template <class T>
struct result;
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

// Reasons; each has its sentence below.
template <class T>
struct is_a_raw_pointer;
template <class T>
struct is_a_view;
template <class T>
struct belongs_to_its_thread;
template <class T>
struct hides_what_it_holds;
template <class T>
struct is_declared_so;
template <class T>
struct may_be_a_derived_class;
template <class T>
struct cannot_see_into;
template <class T>
struct captures_a_pointer_or_reference;
template <class T>
struct is_incomplete_here;

// The steps from where a rule was asked for to what breaks it.
template <class... Steps>
struct way;

}  // namespace heddle::why

namespace heddle {

namespace detail {
template <class>
inline constexpr bool never = false;
}  // namespace detail

// What a broken rule instantiates: its name, in the note behind the error, says where and why.
template <class Way, class Reason>
struct not_send;
template <class Way, class T>
struct not_send<Way, why::is_a_raw_pointer<T>> {
  static_assert(detail::never<T>,
                "a raw pointer says neither who owns what it points to nor who else uses it. Own it (std::unique_ptr, "
                "std::shared_ptr, a value), or say heddle::assume_send(pointer, \"why no other task uses it\")");
};
template <class Way, class T>
struct not_send<Way, why::is_a_view<T>> {
  static_assert(detail::never<T>,
                "a view refers to what somebody else owns, which may be gone or in use when the task runs on. Own it: "
                "std::string for std::string_view, std::vector for std::span, a value for std::ref; spawn(fn, "
                "args...) keeps the arguments it is given");
};
template <class Way, class T>
struct not_send<Way, why::belongs_to_its_thread<T>> {
  static_assert(detail::never<T>,
                "this object belongs to the thread that made it (a lock has to be released by the thread that took "
                "it, a thread_bound is used where it was made), and the task may go on on another one. Let it end "
                "before the co_await, or use what is made "
                "for tasks, such as heddle::sync::mutex; on one thread, use local_task and spawn_local");
};
template <class Way, class T>
struct not_send<Way, why::hides_what_it_holds<T>> {
  static_assert(detail::never<T>,
                "this type can hold any other, and does not show which: std::function, std::any and their like may "
                "hold what must not leave its thread. Use a template parameter or the closure itself, or say "
                "heddle::assume_send(value, \"why what it holds is safe\")");
};
template <class Way, class T>
struct not_send<Way, why::is_declared_so<T>> {
  static_assert(detail::never<T>,
                "this type is declared not to leave its thread, or not to be used by several at once: look for "
                "declare_send, declare_sync, HEDDLE_DECLARE_SEND and HEDDLE_DECLARE_SYNC");
};
template <class Way, class T>
struct not_send<Way, why::may_be_a_derived_class<T>> {
  static_assert(detail::never<T>,
                "this class has virtual functions, and what is derived from it may hold anything. If all that is "
                "derived from it may move between threads, declare it: in the class, using declare_send = "
                "heddle::declared_true<this class, \"why\">; elsewhere, HEDDLE_DECLARE_SEND(this class, true)");
};
template <class Way, class T>
struct not_send<Way, why::cannot_see_into<T>> {
  static_assert(
      detail::never<T>,
      "C++ does not show what this class holds: it has private members, a base class or a destructor, and is no "
      "plain value without pointers. If it may "
      "move between threads, declare it: in the class, using declare_send = heddle::declared_true<this "
      "class, \"why\">; elsewhere, HEDDLE_DECLARE_SEND(this class, true)");
};
template <class Way, class T>
struct not_send<Way, why::captures_a_pointer_or_reference<T>> {
  static_assert(detail::never<T>,
                "this lambda captures a pointer or a reference (this, [&], [&x] or a view), and what it refers to "
                "may be gone or in use when the task runs on. Pass what it needs as arguments, which are checked "
                "and kept alive: spawn(fn, args...)");
};
template <class Way, class T>
struct not_send<Way, why::is_incomplete_here<T>> {
  static_assert(detail::never<T>,
                "this class is only declared here, so nothing is known of it: define it before, or declare it with "
                "HEDDLE_DECLARE_SEND(this class, true)");
};

}  // namespace heddle

namespace heddle::detail {

// Verdicts.
struct holds {};
template <class Reason, class... Steps>
struct broken {};

template <class Verdict, class... Steps>
struct behind;
template <class... Steps>
struct behind<holds, Steps...> {
  using type = holds;
};
template <class Reason, class... Rest, class... Steps>
struct behind<broken<Reason, Rest...>, Steps...> {
  using type = broken<Reason, Steps..., Rest...>;
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
template <class Reason, class... Steps, class... Rest>
struct first_broken<broken<Reason, Steps...>, Rest...> {
  using type = broken<Reason, Steps...>;
};

template <class Verdict>
struct demanded;
template <>
struct demanded<holds> {
  using type = holds;
};
template <class Reason, class... Steps>
struct demanded<broken<Reason, Steps...>> {
  using type = not_send<why::way<Steps...>, Reason>;
};
// Complete if the verdict holds; else its completion is the error.
template <class Verdict>
using demanded_t = typename demanded<Verdict>::type;

}  // namespace heddle::detail
