// A number that one thread at a time writes and any thread reads without a lock.
//
// How it works. Relaxed loads and stores, which cost what those of a plain integer do. A number orders nothing and
// decides nothing, so the functions are the runtime's own code: a checked build has no scheduling points here. Hence
// builtins, not std::atomic, whose functions would be instrumented.
//
// Thread safety. set and add: one thread at a time, ordered by something else. read: any thread.
#pragma once

#include "heddle/runtime/detail/runtime_code.hpp"

#include <cstdint>

namespace heddle::detail {

class metric_counter {
 public:
  constexpr metric_counter() noexcept = default;
  metric_counter(const metric_counter&) = delete;
  metric_counter& operator=(const metric_counter&) = delete;

  HEDDLE_RUNTIME_CODE std::uint64_t read() const noexcept { return __atomic_load_n(&value_, __ATOMIC_RELAXED); }
  HEDDLE_RUNTIME_CODE void set(std::uint64_t value) noexcept { __atomic_store_n(&value_, value, __ATOMIC_RELAXED); }
  HEDDLE_RUNTIME_CODE void add(std::uint64_t more) noexcept {
    __atomic_store_n(&value_, __atomic_load_n(&value_, __ATOMIC_RELAXED) + more, __ATOMIC_RELAXED);
  }

 private:
  std::uint64_t value_ = 0;
};

}  // namespace heddle::detail
