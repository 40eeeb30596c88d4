// Faults of the test's own, in the manner of BUGGIFY, and allocations that fail: what is rare in production, as
// decisions.
//
//     if (heddle::check::fault("connection lost")) return reset();   // in a fake, or in the code under test
//
//     const heddle::check::allocations_may_fail here;                // to the end of the scope, on this thread
//     cache.insert(key, value);                                      // may throw std::bad_alloc
//
// Each happens only as often as options::faults and options::allocation_failures say, by default never, so that one
// test can go with them and another without. Outside an execution nothing happens.
//
// fault() returns a plain bool: what to do about it is the caller's to say. REQUIRES: the name is a string literal.
// Of allocations_may_fail: no co_await in the scope, which belongs to the thread.
#pragma once

#include "heddle/sim/current.hpp"

namespace heddle::check {

// Whether the fault happens here. The name is what reports call it.
inline bool fault(const char* name) noexcept {
  return sim::fault(name);
}

class [[nodiscard]] allocations_may_fail {
 public:
  allocations_may_fail() noexcept {}

 private:
  sim::failing_allocations_scope scope_;
};

}  // namespace heddle::check
