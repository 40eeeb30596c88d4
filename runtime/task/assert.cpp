// Prints a failed HEDDLE_ASSERT and aborts, or ends the execution. Thread safety: any thread.
#include "heddle/runtime/assert.hpp"

#include "heddle/hooks.hpp"

#include <cstdio>
#include <cstdlib>

namespace heddle::detail {

void assertion_failed(const char* expression, const char* file, int line, const char* sentence) noexcept {
  hooks::misused(sentence);
  std::fprintf(stderr, "%s:%d: heddle: assertion failed: %s\n  %s\n", file, line, expression, sentence);
  std::abort();
}

}  // namespace heddle::detail
