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
  const std::size_t depth = self.shadow_depth++;
  if (depth < stack_slots::shadow_capacity) [[likely]]
    stack_slots::shadow_of(&self)[depth] = reinterpret_cast<std::uintptr_t>(caller);
}

void __tsan_func_exit() {
  execution* const machine = running();
  if (machine == nullptr) return;
  virtual_thread& self = machine->current();
  // A function may have been entered before the execution began.
  if (self.shadow_depth == 0) [[unlikely]]
    return;
  --self.shadow_depth;
  if (self.known_depth > self.shadow_depth) self.known_depth = self.shadow_depth;
}

}  // extern "C"
