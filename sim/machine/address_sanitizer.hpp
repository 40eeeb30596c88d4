// What AddressSanitizer has to know of virtual threads, where the executable is built with it: which stack is in use,
// and that a stack begins anew. Its functions are weak; without it they are null, and all this is one comparison.
#pragma once

#include "virtual_thread.hpp"

#include <cstddef>

extern "C" {
[[gnu::weak]] void __sanitizer_start_switch_fiber(void** fake_stack, const void* bottom, std::size_t size);
[[gnu::weak]] void __sanitizer_finish_switch_fiber(void* fake_stack, const void** bottom, std::size_t* size);
[[gnu::weak]] void __asan_unpoison_memory_region(const volatile void* begin, std::size_t size);
}

namespace heddle::sim::address_sanitizer {

// The stack that the machine was entered on.
struct host_stack {
  void* fake = nullptr;
  const void* bottom = nullptr;
  std::size_t size = 0;
};

inline bool present() noexcept {
  return &__sanitizer_start_switch_fiber != nullptr;
}

// Before a jump to the stack of `next`. `fake` is kept for the return, null when there is none.
inline void leave_for(void** fake, const virtual_thread& next) noexcept {
  if (present()) [[unlikely]]
    __sanitizer_start_switch_fiber(fake, next.stack_bottom, next.stack_size);
}
inline void leave_for(void** fake, const host_stack& host) noexcept {
  if (present()) [[unlikely]]
    __sanitizer_start_switch_fiber(fake, host.bottom, host.size);
}

// After a jump, on the stack that was jumped to.
inline void arrive(void* fake) noexcept {
  if (present()) [[unlikely]]
    __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
}
inline void arrive_from(host_stack& host) noexcept {
  if (present()) [[unlikely]]
    __sanitizer_finish_switch_fiber(nullptr, &host.bottom, &host.size);
}

// The frames of whoever had the stack before are gone, unwound or not.
inline void begin_stack(const virtual_thread& thread) noexcept {
  if (present()) [[unlikely]]
    __asan_unpoison_memory_region(thread.stack_bottom, thread.stack_size);
}

}  // namespace heddle::sim::address_sanitizer
