#include "misuse.hpp"

#include "../machine/user_frame.hpp"

#include <string>

namespace heddle::sim {

namespace {

constexpr const char* undefined = ": this is undefined";

// Who begins the sentence.
std::string caller(const execution& machine, const virtual_thread& self) {
  const task_record* const task = machine.current_task();
  const std::string thread = "thread " + std::to_string(self.id);
  return task == nullptr ? thread : "task " + std::to_string(task->id) + " on " + thread;
}

// The text is made outside the execution, whose memory it must not use.
[[noreturn]] void fail_with(execution& machine, const std::string& message, std::uintptr_t pc) {
  machine.current().pc = pc;
  machine.fail(failure_kind::assertion, message.c_str());
}

std::string holder_of(const sync_object& lock, const virtual_thread& self) {
  if (lock.owner == self.id) return "which it holds";
  if (lock.owner != no_thread) return "which thread " + std::to_string(lock.owner) + " holds";
  if (lock.readers != 0) return "which others hold for reading";
  return "which nobody holds";
}

}  // namespace

void fail_misuse(execution& machine, const char* what, std::uintptr_t pc) {
  const virtual_thread& self = machine.current();
  set_inactive();
  fail_with(machine, caller(machine, self) + " " + what + undefined, pc);
}

void fail_misuse_of_runtime(execution& machine, const char* sentence, std::uintptr_t pc) {
  const virtual_thread& self = machine.current();
  const std::uintptr_t place = place_in_user_code(self, pc);
  set_inactive();
  fail_with(machine, caller(machine, self) + ": " + sentence, place);
}

void fail_lock_misuse(execution& machine, const char* what, const sync_object& lock, std::uintptr_t pc) {
  const virtual_thread& self = machine.current();
  set_inactive();
  fail_with(machine,
            caller(machine, self) + " " + what + " lock #" + std::to_string(lock.id) + ", " + holder_of(lock, self) +
                undefined,
            pc);
}

void fail_waited_for(execution& machine, const char* what, const sync_object& object, std::uintptr_t pc) {
  const virtual_thread& self = machine.current();
  set_inactive();
  fail_with(machine,
            caller(machine, self) + " " + what + " #" + std::to_string(object.id) + ", for which thread " +
                std::to_string(object.waiting.first->id) + " waits" + undefined,
            pc);
}

void end_lock(execution& machine, const void* address, std::uintptr_t pc) {
  const sync_object* const lock = machine.find_object(address, object_kind::lock);
  if (lock != nullptr && (lock->owner != no_thread || lock->readers != 0)) {
    fail_lock_misuse(machine, "destroys", *lock, pc);
  }
  machine.forget_object(address, object_kind::lock);
}

void end_object(execution& machine, const void* address, object_kind kind, const char* what, std::uintptr_t pc) {
  const sync_object* const object = machine.find_object(address, kind);
  if (object != nullptr && !object->waiting.empty()) fail_waited_for(machine, what, *object, pc);
  machine.forget_object(address, kind);
}

}  // namespace heddle::sim
