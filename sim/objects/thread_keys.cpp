#include "thread_keys.hpp"

#include <array>
#include <atomic>

#include <limits.h>

namespace heddle::sim {

namespace {

// Written by whoever makes or deletes a key; relaxed is enough, since a key reaches its users with
// synchronisation of their own.
std::array<std::atomic<void (*)(void*)>, PTHREAD_KEYS_MAX> destructors;

}  // namespace

void remember_key_destructor(pthread_key_t key, void (*destructor)(void*)) noexcept {
  if (key < destructors.size()) destructors[key].store(destructor, std::memory_order_relaxed);
}

void forget_key_destructor(pthread_key_t key) noexcept {
  remember_key_destructor(key, nullptr);
}

void* key_value(const virtual_thread& thread, pthread_key_t key) noexcept {
  return key < thread.keys.size() ? thread.keys[key] : nullptr;
}

void set_key_value(virtual_thread& thread, pthread_key_t key, void* value) {
  if (key >= thread.keys.size()) thread.keys.resize(key + 1);
  thread.keys[key] = value;
}

void execution::run_key_destructors(virtual_thread& thread) {
  // POSIX: in rounds, since a destructor may set values again.
  for (int round = 0; round < PTHREAD_DESTRUCTOR_ITERATIONS; ++round) {
    bool any = false;
    for (pthread_key_t key = 0; key < thread.keys.size(); ++key) {
      void* const value = thread.keys[key];
      auto* const destructor = destructors[key].load(std::memory_order_relaxed);
      if (value == nullptr || destructor == nullptr) continue;
      thread.keys[key] = nullptr;
      any = true;
      destructor(value);
    }
    if (!any) return;
  }
}

}  // namespace heddle::sim
