#include "rapidcheck/schedule_body.hpp"

#include "gtest/interceptor.hpp"
#include "heddle/sim/current.hpp"

#include <charconv>
#include <stdexcept>
#include <string_view>

namespace heddle::check {

namespace {

// A description of RapidCheck's begins with a line `file:line:`.
struct placed_message {
  const char* file = nullptr;
  unsigned line = 0;
  std::string text;
};

placed_message placed(const std::string& description) {
  const std::size_t end = description.find(":\n");
  const std::size_t colon = description.substr(0, end).rfind(':');
  placed_message result;
  result.text = description;
  if (end == std::string::npos || colon == std::string::npos) return result;
  const char* const last = description.data() + end;
  const auto [stop, error] = std::from_chars(description.data() + colon + 1, last, result.line);
  if (error != std::errc{} || stop != last) return result;
  result.file = interceptor::lasting(description.substr(0, colon).c_str());
  result.text = description.substr(end + 2);
  // An empty line stands before the expansion.
  if (const std::size_t gap = result.text.find("\n\n"); gap != std::string::npos) result.text.erase(gap, 1);
  return result;
}

}  // namespace

rc::detail::Any schedule_body::no_generation::onGenerate(const rc::Gen<rc::detail::Any>&) {
  constexpr const char* why =
      "a value was generated in the body of a property, which runs once per schedule: make it a parameter, or generate "
      "it in the callable that is given to explore_property";
  if (sim::inside()) sim::fail_execution(sim::failure_kind::assertion, why);
  throw std::logic_error(why);
}

bool schedule_body::only_failures::reportResult(const rc::detail::CaseResult& result) {
  if (result.type != rc::detail::CaseResult::Type::Failure || !sim::inside()) return true;
  const placed_message message = placed(result.description);
  sim::note_failure(sim::failure_kind::assertion, message.text, message.file, message.line);
  return true;
}

void schedule_body::operator()() {
  try {
    body_();
  } catch (const rc::detail::CaseResult& result) {
    if (result.type == rc::detail::CaseResult::Type::Discard) discarded_ = true;
    if (result.type != rc::detail::CaseResult::Type::Failure) return;
    const placed_message message = placed(result.description);
    sim::fail_execution(sim::failure_kind::assertion, message.text, message.file, message.line);
  }
}

}  // namespace heddle::check
