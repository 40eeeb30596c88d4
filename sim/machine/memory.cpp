// The execution's memory: blocks, what is forgotten with them, and the failures that come of their misuse.
#include "../memory/shadow.hpp"
#include "../memory/stack_depot.hpp"
#include "execution.hpp"

#include <span>
#include <string>

namespace heddle::sim {

namespace {

constexpr std::uint8_t known_by_address = granule_flag::history | granule_flag::word | granule_flag::object;

std::uint32_t stack_number(const virtual_thread& thread, std::uintptr_t pc) noexcept {
  const std::span<const std::uintptr_t> sites = thread.call_sites();
  return allocation_stacks().add(thread.id, pc, sites.data(), sites.data() + sites.size());
}

}  // namespace

// Where in the block it is.
std::string position_in(const arena::view& block, std::uintptr_t address) {
  const bool is_frame = block.coroutine != coroutine_state::no_coroutine;
  const std::string of = (is_frame ? "a coroutine frame of " : "a block of ") + std::to_string(block.size) + " bytes";
  if (address < block.address || address >= block.address + block.size) return "at the edge of " + of;
  const std::uintptr_t distance = address - block.address;
  return distance == 0 ? "at the start of " + of : std::to_string(distance) + " bytes into " + of;
}

namespace {

void add_related(failure& to, std::uint32_t stack, const char* what) {
  const stack_depot::entry* const found = allocation_stacks().find(stack);
  if (found == nullptr) return;
  to.related.push_back({.title = "thread " + std::to_string(found->thread) + ", where it " + what,
                        .stack = call_stack(found->frames, found->frames + found->depth)});
}

}  // namespace

void* execution::allocate(std::size_t size, std::size_t alignment, std::uintptr_t pc) noexcept {
  const arena::allocation made = execution_memory().allocate(size, alignment, stack_number(*current_, pc));
  if (made.reused) forget_memory(made.block);
  return made.block;
}

void execution::release(void* block, std::uintptr_t pc) {
  switch (execution_memory().release(block, stack_number(*current_, pc))) {
    case arena::release_result::released:
      // To free a block is to write to all of it.
      if (racing() != nullptr) observe_free(block, execution_memory().size_of(block), pc);
      return;
    case arena::release_result::survivor:
      return;
    case arena::release_result::freed_before:
      fail_free(block, "double free", pc);
    case arena::release_result::not_a_block:
      fail_free(block, "free of an address that no allocation returned", pc);
  }
}

// Not before the memory is handed out again: until then it is the last user's, who may be waiting there.
void execution::forget_memory(const void* block) noexcept {
  const arena::extent all = arena::extent_of(block);
  if (!expected_races_.empty()) [[unlikely]]
    forget_expected_races(all);
  forget_uses(all.address, all.size);
}

void execution::forget_uses(std::uintptr_t address, std::size_t size) noexcept {
  if (options_.races) shadow_memory::forget_cells(address, size);
  if (!shadow_memory::any(address, size, known_by_address)) return;
  forget_history(reinterpret_cast<const void*>(address), size);
  shadow_memory::for_each(address, size, granule_flag::word | granule_flag::object,
                          [this](std::uintptr_t granule) { forget_objects_of(granule); });
  shadow_memory::clear(address, size, known_by_address);
}

void execution::forget_objects_of(std::uintptr_t granule) noexcept {
  for (std::uintptr_t at = granule; at < granule + shadow_memory::granule; ++at) {
    const auto* const object = reinterpret_cast<const void*>(at);
    objects_.forget(object, object_kind::word);
    objects_.forget(object, object_kind::runtime_object);
    objects_.forget(object, object_kind::annotation);
    // The others hold an int at least.
    if (at % alignof(int) != 0) continue;
    for (const object_kind kind : {object_kind::lock, object_kind::condition, object_kind::semaphore,
                                   object_kind::barrier, object_kind::runtime_order}) {
      objects_.forget(object, kind);
    }
  }
}

// ---------------------------------------------------------------- failures

namespace {

// What a use of the object is called. Null for those that may be used a little longer than they live: a futex is woken,
// and a barrier left, by threads that others have overtaken.
const char* use_of(object_kind kind) noexcept {
  switch (kind) {
    case object_kind::lock:
      return "use of a lock";
    case object_kind::condition:
      return "use of a condition variable";
    case object_kind::semaphore:
      return "use of a semaphore";
    case object_kind::word:
    case object_kind::barrier:
    case object_kind::annotation:
    case object_kind::runtime_object:
    case object_kind::runtime_order:
    case object_kind::bound_value:
      break;
  }
  return nullptr;
}

}  // namespace

void execution::expect_not_freed(const void* object, object_kind kind) {
  const std::uint8_t flags = shadow_memory::flags_at(reinterpret_cast<std::uintptr_t>(object));
  const char* const use = use_of(kind);
  if ((flags & granule_flag::freed) != 0 && use != nullptr) fail_access(object, use, 0);
}

void execution::fail_read_of_word(const void* address, std::uintptr_t pc) {
  set_inactive();
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  const arena::view block = execution_memory().block_around(at);
  const bool is_frame = block.coroutine != coroutine_state::no_coroutine;
  // Where a frame keeps the functions that resume and destroy it.
  if (is_frame && at == block.address) {
    note_memory_failure(failure_kind::double_resume,
                        "a coroutine is resumed, or asked whether it is done, after its frame was destroyed", block,
                        pc);
  } else if (is_frame && at == block.address + sizeof(std::uintptr_t)) {
    note_memory_failure(failure_kind::use_after_free, "a coroutine is destroyed after its frame was destroyed", block,
                        pc);
  } else {
    fail_access(address, "read of 8 bytes", pc);
  }
  abandon();
}

void execution::fail_if_resumed(const void* argument, std::uintptr_t pc) {
  const auto at = reinterpret_cast<std::uintptr_t>(argument);
  // Compilers put frames on the stack where they see that they may.
  const bool readable = arena::owns(argument) ? arena::is_live(argument) : is_own_stack(at);
  if (!readable || coroutine_at(argument, 2 * sizeof(std::uintptr_t)) != coroutine_state::done) return;
  set_inactive();
  const arena::view block = arena::owns(argument) ? execution_memory().block_around(at) : arena::view{};
  note_memory_failure(failure_kind::double_resume, "a coroutine is resumed after it was done", block, pc);
  abandon();
}

void execution::fail_access(const void* address, const char* what, std::uintptr_t pc) {
  set_inactive();
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  const arena::view block = execution_memory().block_around(at);
  note_memory_failure(failure_kind::use_after_free,
                      std::string{what} + " after the memory was freed: " + position_in(block, at), block, pc);
  abandon();
}

void execution::fail_free(const void* block, const char* message, std::uintptr_t pc) {
  set_inactive();
  const auto at = reinterpret_cast<std::uintptr_t>(block);
  const arena::view around = arena::owns(block) ? execution_memory().block_around(at) : arena::view{};
  note_memory_failure(failure_kind::use_after_free,
                      message + (around.address == 0 ? std::string{} : ": " + position_in(around, at)), around, pc);
  abandon();
}

void execution::add_allocation(failure& to, std::uintptr_t address) const {
  add_related(to, execution_memory().block_around(address).allocated_at, "allocated the block");
}

void execution::note_memory_failure(failure_kind kind, const std::string& message, const arena::view& block,
                                    std::uintptr_t pc) {
  if (failing_) return;
  failing_ = true;
  current_->pc = pc;
  failure made = make_failure(kind, message);
  add_related(made, block.freed_at, "freed the block");
  add_related(made, block.allocated_at, "allocated it");
  record_failure(std::move(made));
}

void execution::abandon() noexcept {
  result_.abandoned = true;
  return_to_host();
}

}  // namespace heddle::sim
