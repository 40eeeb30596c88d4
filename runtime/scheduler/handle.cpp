// Finding the runtime of the calling thread; see handle.hpp. Thread safety: any thread.
#include "heddle/runtime/handle.hpp"

#include "scheduler/thread_context.hpp"

namespace heddle {

handle handle::current() {
  return handle(detail::owner_ptr<detail::scheduler>(detail::current_scheduler("handle::current")));
}

std::optional<handle> handle::try_current() noexcept {
  detail::thread_context* const here = detail::thread_context::innermost();
  if (here == nullptr) return std::nullopt;
  return handle(detail::owner_ptr<detail::scheduler>(here->current()));
}

}  // namespace heddle
