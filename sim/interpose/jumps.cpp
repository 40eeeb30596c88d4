// setjmp and longjmp: a jump leaves frames without the callbacks of their exits, so that the shadow call stack has to
// be cut as the stack itself is.
//
// How it works. A call of setjmp notes how deep its thread's shadow call stack is, by the address of the buffer, and
// goes on in libc's, whose return address must be the caller's: hence the assembly, in arch.hpp. A jump takes the stack
// back to that depth.
//
// Thread safety: that of the machine. Invariant: a note of another thread or execution is never followed; a buffer that
// was filled unseen, by libc's `setjmp` itself for instance, leaves the shadow call stack as it is.
#include "../machine/arch.hpp"
#include "../machine/execution.hpp"
#include "../machine/host_memory.hpp"
#include "../machine/never_destroyed.hpp"
#include "real.hpp"

#include <algorithm>

#include <setjmp.h>

using namespace heddle::sim;

namespace {

struct jump_target {
  const void* buffer;
  const virtual_thread* thread;
  std::size_t depth;
};

// By the time of their last use, so that what is in use is at the end.
host_vector<jump_target>& targets() {
  static constinit never_destroyed<host_vector<jump_target>> all;
  return all.value;
}

// A program that fills more buffers than that jumps to the latest of them, if to any.
constexpr std::size_t targets_max = 256;

void remember(execution& machine, const void* buffer) {
  host_vector<jump_target>& all = targets();
  virtual_thread& self = machine.current();
  std::erase_if(all, [&](const jump_target& one) { return one.buffer == buffer && one.thread == &self; });
  if (all.size() == targets_max) all.erase(all.begin());
  all.push_back({.buffer = buffer, .thread = &self, .depth = self.shadow_depth});
}

void cut_shadow_stack(const void* buffer) {
  execution* const machine = running();
  if (machine == nullptr) return;
  virtual_thread& self = machine->current();
  const host_vector<jump_target>& all = targets();
  const auto found =
      std::find_if(all.rbegin(), all.rend(), [&](const jump_target& one) { return one.buffer == buffer; });
  if (found == all.rend() || found->thread != &self) return;
  self.shadow_depth = std::min(self.shadow_depth, found->depth);
  self.known_depth = std::min(self.known_depth, self.shadow_depth);
}

}  // namespace

extern "C" {

// Where the wrappers below go on.
__attribute__((used)) void* heddle_before_setjmp(const void* buffer) {
  if (execution* const machine = running(); machine != nullptr) remember(*machine, buffer);
  return reinterpret_cast<void*>(HEDDLE_REAL(__sigsetjmp));
}

void longjmp(jmp_buf buffer, int value) noexcept {
  cut_shadow_stack(buffer);
  HEDDLE_REAL(longjmp)(buffer, value);
  __builtin_unreachable();
}

void _longjmp(jmp_buf buffer, int value) noexcept {
  cut_shadow_stack(buffer);
  HEDDLE_REAL(_longjmp)(buffer, value);
  __builtin_unreachable();
}

void siglongjmp(sigjmp_buf buffer, int value) noexcept {
  cut_shadow_stack(buffer);
  HEDDLE_REAL(siglongjmp)(buffer, value);
  __builtin_unreachable();
}

// What _FORTIFY_SOURCE makes of them.
[[noreturn]] void __longjmp_chk(jmp_buf buffer, int value) noexcept;
void __longjmp_chk(jmp_buf buffer, int value) noexcept {
  cut_shadow_stack(buffer);
  HEDDLE_REAL(__longjmp_chk)(buffer, value);
  __builtin_unreachable();
}

}  // extern "C"

HEDDLE_DEFINE_SETJMP("heddle_before_setjmp");
