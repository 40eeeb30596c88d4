// What clang's -Wthread-safety is told: a value that is bound to its thread must not be alive at a co_await.
//
// How it works. The analysis follows capabilities through the paths of a function. One stands for "something alive is
// bound to this thread". Making a thread_bound asserts that it is there, which is no error if it was already;
// destroying one asserts and gives it up; await_transform excludes it. So a value that is alive at a co_await is a
// warning at that line, and one that is destroyed before is none. Nobody defines the object that the attributes name.
//
// Limits. Of two values in one function, the end of one hides the other. What is made by other functions, held in a
// member, a container or a smart pointer is not followed. Coroutines of local_task stay on their thread: they exclude
// another capability, which nothing asserts.
#pragma once

#if defined(__clang__)
#define HEDDLE_THREAD_SAFETY(...) __attribute__((__VA_ARGS__))
#else
#define HEDDLE_THREAD_SAFETY(...)
#endif

namespace heddle::detail {

class HEDDLE_THREAD_SAFETY(capability("object")) thread_affinity {};

template <bool MayMove>
struct alive {
  static const thread_affinity bound_to_this_thread;
};

}  // namespace heddle::detail

// Of a constructor, of a destructor, and of what suspends a coroutine.
#define HEDDLE_BINDS_TO_THREAD \
  HEDDLE_THREAD_SAFETY(assert_capability(heddle::detail::alive<true>::bound_to_this_thread))
#define HEDDLE_UNBINDS_FROM_THREAD                                        \
  HEDDLE_BINDS_TO_THREAD HEDDLE_THREAD_SAFETY(release_generic_capability( \
      heddle::detail::alive<true>::bound_to_this_thread)) HEDDLE_THREAD_SAFETY(no_thread_safety_analysis)
#define HEDDLE_SUSPENDS(MayMove) \
  HEDDLE_THREAD_SAFETY(locks_excluded(heddle::detail::alive<(MayMove)>::bound_to_this_thread))
