// Which execution, if any, the calling thread is part of: the question every intercepted call asks
// first. One load and a branch when no execution runs.
#pragma once

#include "arch.hpp"

namespace heddle::sim {

class execution;

namespace detail {
// The execution whose virtual thread is running; null between executions and in host scopes. Written
// by the machine's OS thread only; others read it and find that they are not that thread.
extern constinit execution* active;
// The thread pointer of the machine's OS thread.
extern constinit void* machine_thread;
// Whether plain memory accesses are scheduling points: asked at every access of instrumented code.
extern constinit bool accesses_are_points;
}  // namespace detail

// The execution the caller is a virtual thread of, or null.
inline execution* running() noexcept {
  execution* const active = __atomic_load_n(&detail::active, __ATOMIC_RELAXED);
  if (active == nullptr) [[unlikely]]
    return nullptr;
  return arch::thread_pointer() == __atomic_load_n(&detail::machine_thread, __ATOMIC_RELAXED) ? active : nullptr;
}

inline void set_active(execution* value) noexcept {
  __atomic_store_n(&detail::active, value, __ATOMIC_RELAXED);
}

// From here on the caller is an ordinary OS thread.
inline void leave_to_host() noexcept {
  if (running() != nullptr) set_active(nullptr);
}

}  // namespace heddle::sim
