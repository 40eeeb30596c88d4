#include "heddle/check/call_log.hpp"

#include "heddle/check/assertion.hpp"

#include <fmt/format.h>

namespace heddle::check::detail {

const std::string* wrong_with(linearizability judged) {
  // An execution that fails is abandoned: what it held would stay allocated.
  static std::string kept;
  if (judged.holds()) return nullptr;
  if (judged.found == linearizability::outcome::undecided) {
    kept = fmt::format(
        "whether an order of these calls explains what they returned is undecided after {} steps; make fewer calls "
        "overlap, or raise linearizability_options::steps_max",
        judged.steps);
  } else {
    kept = "no order of these calls explains what they returned";
  }
  kept += "\nhistory:\n" + judged.text;
  return &kept;
}

void history_failed(const std::string& text, const char* file, unsigned line) {
  if (sim::inside()) sim::fail_execution(sim::failure_kind::assertion, text, file, line);
  fmt::print(stderr, "{}:{}: {}\n", file, line, text);
  std::abort();
}

}  // namespace heddle::check::detail
