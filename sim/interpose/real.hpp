// The functions behind the intercepted ones.
#pragma once

#include "../machine/fatal.hpp"

#include <dlfcn.h>

namespace heddle::sim {

// The next definition of `name` after the executable's own: libc's or libstdc++'s.
template <typename Function>
Function* next_definition(const char* name) noexcept {
  void* const symbol = dlsym(RTLD_NEXT, name);
  if (symbol == nullptr) fatal("an intercepted function has no definition behind it");
  return reinterpret_cast<Function*>(symbol);
}

}  // namespace heddle::sim

// Calls the real function behind the intercepted `name`. Looked up at first use; a race of two first
// uses stores the same value twice.
#define HEDDLE_REAL(name) HEDDLE_REAL_AS(name, decltype(::name))
// The same with its type, for functions that C++ overloads.
#define HEDDLE_REAL_AS(name, ...)                                 \
  ([]() noexcept {                                                \
    using function = __VA_ARGS__;                                 \
    static constinit function* real = nullptr;                    \
    function* found = __atomic_load_n(&real, __ATOMIC_RELAXED);   \
    if (found == nullptr) {                                       \
      found = ::heddle::sim::next_definition<__VA_ARGS__>(#name); \
      __atomic_store_n(&real, found, __ATOMIC_RELAXED);           \
    }                                                             \
    return found;                                                 \
  }())

// The return address of the intercepted function it is used in.
#define HEDDLE_CALLER reinterpret_cast<std::uintptr_t>(__builtin_return_address(0))
