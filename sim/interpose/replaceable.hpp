// The intercepted calls whose names belong to POSIX alone, and not to the C standard: a program may give them to
// functions of its own (`send`, `wait`, `write`), and many do.
//
// How it works. The definitions here are weak, so that the program's own take their place without a word from the
// linker, as they do with libc's. What the program then defines is not intercepted, wherever it is called from.
//
// Limits. Where the compiler links AddressSanitizer statically, as clang does, its definitions are weak as well and
// come first: those of the calls that it watches for its own purposes then go to the system unsimulated.
#pragma once

// Before the definition of such a call.
#define HEDDLE_REPLACEABLE [[gnu::weak]]
