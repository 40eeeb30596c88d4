// Where the user's code called the runtime. The runtime's functions are not on the shadow call stack, and what the
// hooks know of their caller is a place in the runtime.
//
// How it works. The real stack is unwound from the caller to the call site that is innermost on the shadow call stack:
// the frame before that one is of the function that was entered there. For rare occasions: it costs microseconds.
//
// Thread safety: the running virtual thread. Neither allocates nor locks, but what the unwinder does.
#pragma once

#include "virtual_thread.hpp"

#include <cstdint>

namespace heddle::sim {

// The place in the innermost instrumented function of the running thread, or `otherwise` if that is not found.
std::uintptr_t place_in_user_code(const virtual_thread& self, std::uintptr_t otherwise) noexcept;

}  // namespace heddle::sim
