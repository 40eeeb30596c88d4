// The program's buffers that calls of libc fill or send: accesses, as far as the call says it got.
#pragma once

#include "../instrument/watch.hpp"
#include "../machine/execution.hpp"

#include <cstddef>
#include <cstdint>

#include <sys/types.h>

namespace heddle::sim {

// Looked at before the call, so that nothing goes into a freed buffer or out of one; the bytes beyond the first are
// only known afterwards.
inline void before_filling(const void* buffer, std::size_t size, std::uintptr_t pc) {
  if (size != 0) on_access(buffer, 1, access_kind::write, pc);
}
inline void after_filling(const void* buffer, std::size_t size, std::uintptr_t pc) {
  execution* const machine = running();
  if (machine == nullptr || size == 0) return;
  watch_range(*machine, buffer, size, access_kind::write, pc);
  if (racing() != nullptr) machine->observe(buffer, size, race_access::write, pc);
}
inline void before_sending(const void* buffer, std::size_t size, std::uintptr_t pc) {
  on_access(buffer, size, access_kind::read, pc);
}

// `size` is what the call returned: bytes, or -1.
inline ssize_t filled(const void* buffer, ssize_t size, std::uintptr_t pc) {
  if (size > 0) after_filling(buffer, static_cast<std::size_t>(size), pc);
  return size;
}

}  // namespace heddle::sim
