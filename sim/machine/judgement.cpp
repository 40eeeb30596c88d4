// Failures that an execution could go on after, and whether it does.
//
// How it works. The judge is shown the whole failure, stacks and all. It is asked on the host's stack and with the
// host's thread_local variables: it reads debugging information, for which the stack of a virtual thread may be too
// small. The thread goes on where it stood, with nothing changed. What was accepted at a place (of a race, at two) is
// not asked again in the same execution.
#include "../races/call_tree.hpp"
#include "execution.hpp"
#include "fatal.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace heddle::sim {

void execution::fail_with(failure made) {
  if (forked_) fatal(("in a forked process: " + made.message).c_str());
  if (!failing_) {
    failing_ = true;
    record_failure(std::move(made));
  }
  abandon();
}

bool execution::has_accepted(failure_kind kind, std::uint32_t place, std::uint32_t other_place) const noexcept {
  return std::ranges::find(accepted_, accepted_failure{kind, place, other_place}) != accepted_.end();
}

void execution::fail_unless_accepted(failure made, std::uint32_t place, std::uint32_t other_place) {
  if (judge_ == nullptr || failing_ || forked_ || !is_accepted(made)) fail_with(std::move(made));
  accepted_.push_back({.kind = made.kind, .place = place, .other_place = other_place});
  result_.accepted.push_back(std::move(made));
  set_active();
}

bool execution::is_accepted(const failure& what) {
  virtual_thread& self = *current_;
  judged_ = &what;
  self.saved_errno = *errno_;
  address_sanitizer::leave_for(&self.fake_stack, host_stack_);
  const auto from = boost::context::detail::jump_fcontext(host_context_, &self.context);
  address_sanitizer::arrive(self.fake_stack);
  *static_cast<boost::context::detail::fcontext_t*>(from.data) = from.fctx;
  *errno_ = self.saved_errno;
  return verdict_;
}

// On the host's stack, where a thread has left for with a question.
boost::context::detail::transfer_t execution::answer(boost::context::detail::transfer_t asked) {
  virtual_thread& self = *current_;
  self.context = asked.fctx;
  tls_.keep(self.tls);
  tls_.return_to_host();
  verdict_ = judge_->accepts(*std::exchange(judged_, nullptr));
  static_cast<void>(tls_.leave_host(self.tls, false));
  set_inactive();
  address_sanitizer::leave_for(&host_stack_.fake, self);
  const auto left = boost::context::detail::jump_fcontext(self.context, &host_context_);
  address_sanitizer::arrive(host_stack_.fake);
  return left;
}

}  // namespace heddle::sim
