// Prints a failed HEDDLE_ASSERT and aborts. Thread safety: any thread.
#include "heddle/runtime/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace heddle::detail {

void assertion_failed(const char* expression, const char* file, int line, const char* sentence) noexcept {
  std::fprintf(stderr, "%s:%d: heddle: assertion failed: %s\n  %s\n", file, line, expression, sentence);
  std::abort();
}

}  // namespace heddle::detail
