// Where the user's code called code that is not instrumented: the runtime, the machine, a library. The functions of
// those are not on the shadow call stack, and neither is the place in the innermost function that is.
//
// How it works. The real stack is unwound from where the thread is to the call site that is innermost on the shadow
// call stack: the frame before that one is of the function that was entered there. For rare occasions: it costs
// microseconds.
//
// Limit: unwound_frames_max functions that are not instrumented, one inside the other.
//
// Thread safety: the running virtual thread. Neither allocates nor locks, but what the unwinder does.
#pragma once

#include "virtual_thread.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace heddle::sim {

inline constexpr std::size_t unwound_frames_max = 64;

// The place in the innermost instrumented function of the running thread, or `otherwise` if that is not found.
std::uintptr_t place_in_user_code(const virtual_thread& self, std::uintptr_t otherwise) noexcept;

// For a signal handler: the return addresses between the interrupted instruction, at `pc`, and the innermost call site
// on the shadow call stack, the innermost first. The last one is the place in the user's code. Kept in `room`; empty if
// the stack cannot be unwound so far.
std::span<const std::uintptr_t> callers_of_interrupted(const virtual_thread& self, std::uintptr_t pc,
                                                       std::span<std::uintptr_t> room) noexcept;

}  // namespace heddle::sim
