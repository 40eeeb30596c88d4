// What the C++ runtime library asks of the system for threads: guards of function-local statics and
// destructors of thread_local objects.
#include "../instrument/weak_atomics.hpp"
#include "../objects/waits.hpp"
#include "real.hpp"

#include <cxxabi.h>

using namespace heddle::sim;

namespace {

// The Itanium ABI: the first byte of a guard tells that the object is initialised.
bool guard_is_done(const void* guard) noexcept {
  return __atomic_load_n(static_cast<const char*>(guard), __ATOMIC_ACQUIRE) != 0;
}

// Instrumented code reads the first byte with an acquire load, so it is written as an atomic word.
void mark_done(execution& machine, __cxxabiv1::__guard* guard) {
  if (machine.weak() && machine.interleaves()) {
    store_weakly(machine, {.address = guard, .size = 1}, 1, __ATOMIC_RELEASE);
  } else {
    __atomic_store_n(reinterpret_cast<char*>(guard), 1, __ATOMIC_RELEASE);
  }
}

template <typename Result>
Result real_guard_call(__cxxabiv1::__guard* guard, const char* name) {
  return next_definition<Result(__cxxabiv1::__guard*)>(name)(guard);
}

}  // namespace

namespace __cxxabiv1 {

extern "C" int __cxa_guard_acquire(__guard* guard) {
  execution* const machine = running();
  if (machine == nullptr) {
    return real_guard_call<int>(guard, "__cxa_guard_acquire");
  }
  return begin_once(*machine, guard, &guard_is_done, HEDDLE_CALLER) ? 1 : 0;
}

extern "C" void __cxa_guard_release(__guard* guard) noexcept {
  execution* const machine = running();
  if (machine == nullptr) {
    real_guard_call<void>(guard, "__cxa_guard_release");
    return;
  }
  mark_done(*machine, guard);
  end_once(*machine, guard);
}

extern "C" void __cxa_guard_abort(__guard* guard) noexcept {
  execution* const machine = running();
  if (machine == nullptr) {
    real_guard_call<void>(guard, "__cxa_guard_abort");
    return;
  }
  end_once(*machine, guard);
}

}  // namespace __cxxabiv1

extern "C" {

int __cxa_thread_atexit_impl(void (*destructor)(void*), void* object, void* library);

int __cxa_thread_atexit(void (*destructor)(void*), void* object, void* library) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return __cxa_thread_atexit_impl(destructor, object, library);
  machine->current().destructors.push_back({.function = destructor, .object = object});
  return 0;
}

}  // extern "C"
