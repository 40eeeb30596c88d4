#include "heddle/sim/current.hpp"

#include "allowed_blocking.hpp"
#include "fatal.hpp"

namespace heddle::sim {

bool inside() noexcept {
  return running() != nullptr;
}

host_scope::host_scope() noexcept : outer_(running()) {
  if (outer_ != nullptr) set_inactive();
}

host_scope::~host_scope() {
  if (outer_ != nullptr) outer_->set_active();
}

blocking_scope::blocking_scope() noexcept
    : depth_(running() == nullptr ? nullptr : &running()->current().blocking_allowed) {
  if (depth_ != nullptr) ++*depth_;
}

blocking_scope::~blocking_scope() {
  if (depth_ == nullptr) return;
  execution* const machine = running();
  // The task may have moved: then the scope ends on another thread than it began on.
  if (machine != nullptr && depth_ == &machine->current().blocking_allowed) {
    end_allowed_blocking(*machine);
  } else {
    --*depth_;
  }
}

failing_allocations_scope::failing_allocations_scope() noexcept
    : depth_(running() == nullptr ? nullptr : &running()->current().failing_allocations) {
  if (depth_ != nullptr) ++*depth_;
}

failing_allocations_scope::~failing_allocations_scope() {
  if (depth_ != nullptr) --*depth_;
}

uncancellable_scope::uncancellable_scope() noexcept
    : depth_(running() == nullptr ? nullptr : &running()->uncancellable_scopes()) {
  if (depth_ != nullptr) ++*depth_;
}

uncancellable_scope::~uncancellable_scope() {
  if (depth_ != nullptr && *depth_ != 0) --*depth_;
}

void note_failure(failure_kind kind, const std::string& message, const char* file, unsigned line) {
  execution* const machine = running();
  if (machine == nullptr) fatal("note_failure called outside an execution");
  machine->current().pc = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
  machine->note(kind, message.c_str(), file, line);
}

void fail_execution(failure_kind kind, const std::string& message, const char* file, unsigned line) {
  execution* const machine = running();
  if (machine == nullptr) fatal("fail_execution called outside an execution");
  machine->current().pc = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
  machine->fail(kind, message.c_str(), file, line);
}

bool fault(const char* name) noexcept {
  execution* const machine = running();
  return machine != nullptr && machine->fault_happens(name);
}

std::uint32_t choose(choice_kind kind, std::uint32_t candidates) noexcept {
  execution* const machine = running();
  if (machine == nullptr) fatal("choose called outside an execution");
  return machine->choose(kind, candidates);
}

}  // namespace heddle::sim
