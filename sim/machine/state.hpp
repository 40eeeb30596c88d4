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
// `active` while its running thread's operations are scheduling points, else null: what every atomic
// operation of instrumented code looks at first.
extern constinit execution* interleaving;
// The thread pointer of the machine's OS thread.
extern constinit void* machine_thread;
// Whether plain memory accesses are scheduling points: asked at every access of instrumented code.
extern constinit bool accesses_are_points;
// Whether the process has no OS thread but the machine's: no other processor can then see half of an operation.
// Once false, false for good.
extern constinit bool one_os_thread;
}  // namespace detail

// The execution the caller is a virtual thread of, or null.
inline execution* running() noexcept {
  execution* const active = __atomic_load_n(&detail::active, __ATOMIC_RELAXED);
  if (active == nullptr) [[unlikely]]
    return nullptr;
  return arch::thread_pointer() == __atomic_load_n(&detail::machine_thread, __ATOMIC_RELAXED) ? active : nullptr;
}

// The same, when operations of the calling thread are scheduling points now; else null.
inline execution* interleaving() noexcept {
  execution* const machine = __atomic_load_n(&detail::interleaving, __ATOMIC_RELAXED);
  if (machine == nullptr) [[likely]]
    return nullptr;
  return arch::thread_pointer() == __atomic_load_n(&detail::machine_thread, __ATOMIC_RELAXED) ? machine : nullptr;
}

// From here on the caller is an ordinary OS thread.
inline void set_inactive() noexcept {
  __atomic_store_n(&detail::active, nullptr, __ATOMIC_RELAXED);
  __atomic_store_n(&detail::interleaving, nullptr, __ATOMIC_RELAXED);
}
inline void leave_to_host() noexcept {
  if (running() != nullptr) set_inactive();
}

}  // namespace heddle::sim
