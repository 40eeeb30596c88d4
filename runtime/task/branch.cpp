// The order in which combinators poll when nobody has an opinion; see detail/branch.hpp. Thread safety: any thread.
#include "heddle/runtime/detail/branch.hpp"

#include "scheduler/random.hpp"

namespace heddle::detail {

// Not inlined: compilers cache the address of a thread-local across the suspension of a coroutine.
[[gnu::noinline]] std::uint32_t arbitrary_below(std::uint32_t bound) noexcept {
  static thread_local victim_random random(0);
  return random.next_below(bound);
}

}  // namespace heddle::detail
