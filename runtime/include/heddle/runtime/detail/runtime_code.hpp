// Marks functions of the runtime's headers that are the runtime's own business, also when a user's instrumented
// translation unit compiles them.
//
// How it works. A user's program is checked by a call at each of its functions, memory accesses and atomic operations.
// The runtime's own accesses to promises, awaiters and cells are ordered by its atomic operations, and their calls
// would cost a schedule of tasks more than all of the user's code does. A marked function has none; so it must not
// contain an atomic operation itself, of which the machine has to know.
//
// Compilers do not inline between marked functions and others, in either direction, except what is declared
// always_inline, which takes after its caller. Hence what a marked function uses on its usual way is marked, inherits,
// or is a builtin such as std::move, and comes from no other header of the standard library. Code that touches a user's
// objects is not marked, above all not what takes a user's value by reference: that is an access of the user's.
//
// Thread safety. None needed.
#pragma once

#include "heddle/hooks.hpp"

// The runtime's own, whoever compiles it.
#if HEDDLE_CHECKED && defined(__clang__)
#define HEDDLE_RUNTIME_CODE [[clang::no_sanitize("thread"), clang::disable_sanitizer_instrumentation]]
#elif HEDDLE_CHECKED
#define HEDDLE_RUNTIME_CODE [[gnu::no_sanitize("thread")]]
#else
#define HEDDLE_RUNTIME_CODE
#endif

// As its caller: a few instructions, used by marked functions and by users.
#define HEDDLE_INHERITS_CODE [[gnu::always_inline]]
