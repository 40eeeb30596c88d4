// Blocking that is meant: a scope in which a task may block the worker that polls it.
//
//     const heddle::check::allow_blocking meant("the file is a few bytes on a local disk");
//
// Nothing of it is needed in production code that does not test itself: it lives in tests and their fakes. Around a
// call in the code under test, spawn_blocking and block_in_place say the same and mean it.
//
// REQUIRES: no co_await in the scope, which belongs to the thread. Outside an execution it does nothing.
#pragma once

#include "heddle/sim/current.hpp"

namespace heddle::check {

class [[nodiscard]] allow_blocking {
 public:
  // Why; a string literal, for whoever reads the test.
  explicit allow_blocking(const char* reason) noexcept { static_cast<void>(reason); }

 private:
  sim::blocking_scope scope_;
};

}  // namespace heddle::check
