// Uses of locals of functions that have returned.
//
// How it works. Below the stack pointer of a thread nothing is in use. An access of the thread's own down there is one
// to a local that is no more; so is one to where another thread's stack pointer has been, or to any part of the stack
// of a thread that has ended. What has been taken into use again by later calls is not told from what is theirs.
//
// A thread that runs on a stack of the program's own, a fiber's, may have it as a local of a function that still runs,
// and then parts of that function's frame lie below. So the thread's own stack is unwound to its base first: if that is
// not reached, nothing is said. Another thread's cannot be unwound; nothing is said of others once makecontext was
// given a stack on a stack.
//
// Limits. Of others' stacks, only while data races are looked for, and not of large ones.
#include "../races/call_tree.hpp"
#include "arch.hpp"
#include "execution.hpp"
#include "stack_slots.hpp"

#include <string>

#include <unwind.h>

namespace heddle::sim {

namespace {

struct way_to_base {
  std::uintptr_t base = 0;
  bool reached = false;
};

_Unwind_Reason_Code look_for_base(_Unwind_Context* context, void* data) {
  way_to_base& way = *static_cast<way_to_base*>(data);
  way.reached = _Unwind_GetCFA(context) >= way.base;
  return way.reached ? _URC_END_OF_STACK : _URC_NO_REASON;
}

bool is_on_its_own_stack(const virtual_thread& self) noexcept {
  way_to_base way{.base = self.cancellation.base_frame};
  _Unwind_Backtrace(&look_for_base, &way);
  return way.reached;
}

bool is_in_stack_of(const virtual_thread& thread, std::uintptr_t address) noexcept {
  return address - reinterpret_cast<std::uintptr_t>(thread.stack_bottom) < thread.stack_size;
}

}  // namespace

void execution::fail_if_own_stack_is_dead(std::uintptr_t address, const char* what, std::uintptr_t pc) {
  if (!is_own_stack(address) || !is_own_stack(arch::stack_pointer())) return;
  set_inactive();
  if (is_on_its_own_stack(*current_)) fail_dead_stack(*current_, address, what, pc);
  set_active();
}

void execution::fail_if_stack_of_another_is_dead(std::uintptr_t address, race_access kind, std::uintptr_t pc) {
  const std::uint32_t slot = stack_slots::slot_around(address);
  if (slot >= used_slots_ || stacks_on_stacks_ || is_own_stack(address)) return;
  const auto& owner = *reinterpret_cast<const virtual_thread*>(stack_slots::record_of(slot));
  if (owner.large_stack != 0 || !is_in_stack_of(owner, address)) return;
  const auto pointer = reinterpret_cast<std::uintptr_t>(owner.context);
  const bool dead = owner.state == run_state::finished || (is_in_stack_of(owner, pointer) && address < pointer);
  if (!dead) return;
  set_inactive();
  const bool writes = kind == race_access::write || kind == race_access::atomic_store;
  fail_dead_stack(owner, address, writes ? "write" : "read", pc);
}

void execution::fail_dead_stack(const virtual_thread& owner, std::uintptr_t address, const char* what,
                                std::uintptr_t pc) {
  current_->pc = pc;
  const std::string whose = "thread " + std::to_string(owner.id);
  failure made =
      make_failure(failure_kind::use_after_free,
                   std::string{what} + " of a local of a function that has returned: on the stack of " + whose +
                       (owner.state == run_state::finished ? ", which has ended" : "") + ", where nothing is in use");
  const access_cell& cell = shadow_memory::cell_at(address);
  if (tracks_ && cell.execution() == shadow_memory::execution_number() && cell.write_place != 0) {
    const std::uint64_t by = cell.write & access_cell::stamp_bits;
    if (by != 0) {
      made.related.push_back({.title = name_of(stamp::actor_of(by)) + ", where it last wrote it",
                              .stack = places().stack_at(cell.write_place)});
    }
  }
  fail_with(std::move(made));
}

void execution::note_stack_of_program(const void* stack) noexcept {
  if (stack_slots::owns(stack)) stacks_on_stacks_ = true;
}

}  // namespace heddle::sim
