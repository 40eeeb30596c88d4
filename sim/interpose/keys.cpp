// Thread-specific values, and once-only initialisation.
#include "../objects/thread_keys.hpp"
#include "../objects/waits.hpp"
#include "real.hpp"
#include "thread_handles.hpp"

#include <pthread.h>

using namespace heddle::sim;

namespace {

bool once_is_done(const void* control) noexcept {
  return __atomic_load_n(static_cast<const int*>(control), __ATOMIC_ACQUIRE) == 2;
}

}  // namespace

void heddle::sim::call_once_for(execution& machine, int* control, void (*initialise)(), std::uintptr_t pc) {
  if (!begin_once(machine, control, &once_is_done, pc)) return;
  struct finish {
    execution& machine;
    int* control;
    bool done = false;
    ~finish() {
      if (done) __atomic_store_n(control, 2, __ATOMIC_RELEASE);
      end_once(machine, control);
    }
  } finish{machine, control};
  initialise();
  finish.done = true;
}

extern "C" {

int pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) noexcept {
  const int result = HEDDLE_REAL(pthread_key_create)(key, destructor);
  if (result == 0) remember_key_destructor(*key, destructor);
  return result;
}

int pthread_key_delete(pthread_key_t key) noexcept {
  forget_key_destructor(key);
  return HEDDLE_REAL(pthread_key_delete)(key);
}

void* pthread_getspecific(pthread_key_t key) noexcept {
  execution* const machine = running();
  return machine == nullptr ? HEDDLE_REAL(pthread_getspecific)(key) : key_value(machine->current(), key);
}

int pthread_setspecific(pthread_key_t key, const void* value) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_setspecific)(key, value);
  set_key_value(machine->current(), key, const_cast<void*>(value));
  return 0;
}

// ---------------------------------------------------------------- once

int pthread_once(pthread_once_t* control, void (*initialise)()) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pthread_once)(control, initialise);
  call_once_for(*machine, control, initialise, HEDDLE_CALLER);
  return 0;
}

}  // extern "C"
