// pthread keys: the numbers come from libc, the values belong to virtual threads.
#pragma once

#include "../machine/execution.hpp"

#include <pthread.h>

namespace heddle::sim {

// The destructor that goes with `key`; also called outside executions, by any thread.
void remember_key_destructor(pthread_key_t key, void (*destructor)(void*)) noexcept;
void forget_key_destructor(pthread_key_t key) noexcept;

void* key_value(const virtual_thread& thread, pthread_key_t key) noexcept;
void set_key_value(virtual_thread& thread, pthread_key_t key, void* value);

}  // namespace heddle::sim
