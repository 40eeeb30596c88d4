// Function entry and exit: the shadow call stack of each virtual thread, from which reports take theirs.
//
// Unwinding pops it too: both compilers emit the exit callback on exceptional paths.
#include "../machine/execution.hpp"

#include <cstdint>

using namespace heddle::sim;

extern "C" {

void __tsan_init() {}

void __tsan_func_entry(void* caller) {
  execution* const machine = running();
  if (machine == nullptr) return;
  virtual_thread& self = machine->current();
  if (self.shadow_top < self.shadow_limit) [[likely]] {
    *self.shadow_top++ = reinterpret_cast<std::uintptr_t>(caller);
  } else {
    ++self.shadow_overflow;
  }
}

void __tsan_func_exit() {
  execution* const machine = running();
  if (machine == nullptr) return;
  virtual_thread& self = machine->current();
  if (self.shadow_overflow != 0) [[unlikely]] {
    --self.shadow_overflow;
  } else if (self.shadow_top > self.shadow_base) {
    --self.shadow_top;
    if (self.known_top > self.shadow_top) self.known_top = self.shadow_top;
  }
}

}  // extern "C"
