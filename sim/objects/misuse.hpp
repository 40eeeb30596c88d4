// Calls that POSIX leaves undefined: a finding, whatever glibc would make of them. Where POSIX defines what a call
// returns, as for error-checking mutexes, it returns that. Likewise what the runtime does not allow.
//
// Thread safety: the running virtual thread.
#pragma once

#include "../machine/execution.hpp"

#include <cstdint>

namespace heddle::sim {

// Ends the execution. `what` is the rest of a sentence that begins with the calling thread, such as "unlocks a mutex
// that was destroyed".
[[noreturn]] void fail_misuse(execution& machine, const char* what, std::uintptr_t pc);
// The same of what the runtime was asked to do; `sentence` is whole.
[[noreturn]] void fail_misuse_of_runtime(execution& machine, const char* sentence, std::uintptr_t pc);
// The same of an object: "thread 1 <what> lock #3, <and how it stands>".
[[noreturn]] void fail_lock_misuse(execution& machine, const char* what, const sync_object& lock, std::uintptr_t pc);
// `what` is such as "destroys condition variable": somebody waits for it.
[[noreturn]] void fail_waited_for(execution& machine, const char* what, const sync_object& object, std::uintptr_t pc);

// A lock is destroyed. Returns when nobody holds it.
void end_lock(execution& machine, const void* lock, std::uintptr_t pc);
// Another object is destroyed. Returns when nobody waits for it. `what` as above.
void end_object(execution& machine, const void* object, object_kind kind, const char* what, std::uintptr_t pc);

}  // namespace heddle::sim
