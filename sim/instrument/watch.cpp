#include "watch.hpp"

#include <array>
#include <cstdio>

namespace heddle::sim {

namespace {

// Such as "read of 4 bytes". No std::string: the caller does not return, and would leave it behind.
std::array<char, 64> describe(std::size_t size, access_kind kind) noexcept {
  std::array<char, 64> text{};
  if (kind == access_kind::atomic) {
    std::snprintf(text.data(), text.size(), "atomic operation");
  } else {
    std::snprintf(text.data(), text.size(), "%s of %zu byte%s", kind == access_kind::read ? "read" : "write", size,
                  size == 1 ? "" : "s");
  }
  return text;
}

void point_at_access(execution& machine, const void* address, std::size_t size, access_kind kind, std::uintptr_t pc) {
  if (machine.tells_plain_touches()) tell_access(machine, address, size, kind);
  if (!machine.interleaves()) return;
  const bool write = kind == access_kind::write;
  const operation_kind operation = write ? operation_kind::memory_write : operation_kind::memory_read;
  const object_id id = machine.identity(address, object_kind::word);
  machine.point({.kind = operation, .writes = write, .object = id}, pc);
  if (write) machine.progress();
}

}  // namespace

void tell_access(execution& machine, const void* address, std::size_t size, access_kind kind) {
  constexpr std::uintptr_t word = 8;
  const auto begin = reinterpret_cast<std::uintptr_t>(address);
  const operation_kind told = kind == access_kind::write ? operation_kind::memory_write : operation_kind::memory_read;
  for (std::uintptr_t at = begin - begin % word; at < begin + size; at += word)
    machine.tell(told, reinterpret_cast<const void*>(at));
}

void on_access(const void* address, std::size_t size, access_kind kind, std::uintptr_t pc) {
  execution* const machine = running();
  if (machine == nullptr || size == 0) return;
  if (__atomic_load_n(&detail::accesses_are_wanted, __ATOMIC_RELAXED))
    point_at_access(*machine, address, size, kind, pc);
  watch_range(*machine, address, size, kind, pc);
  if (is_below_stack_pointer(reinterpret_cast<std::uintptr_t>(address), __builtin_frame_address(0))) [[unlikely]]
    machine->fail_if_own_stack_is_dead(reinterpret_cast<std::uintptr_t>(address), describe(size, kind).data(), pc);
  if (racing() != nullptr) machine->observe(address, size, race_kind(kind), pc);
}

void on_flagged_access(execution& machine, const void* address, std::size_t size, access_kind kind, std::uintptr_t pc) {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  if (const std::uintptr_t freed = shadow_memory::first(at, size, granule_flag::freed); freed != 0) {
    set_inactive();
    const auto* const first = reinterpret_cast<const void*>(freed < at ? at : freed);
    if (kind == access_kind::read && size == sizeof(std::uintptr_t)) machine.fail_read_of_word(first, pc);
    machine.fail_access(first, describe(size, kind).data(), pc);
  }
  if (kind == access_kind::write) machine.forget_history(address, size);
}

}  // namespace heddle::sim
