#include "gtest/interceptor.hpp"

#include "heddle/sim/current.hpp"

#include <set>

namespace heddle::check {

void interceptor::ReportTestPartResult(const testing::TestPartResult& result) {
  if (!sim::inside()) return keep(result);
  if (result.failed()) {
    const auto line = static_cast<unsigned>(result.line_number() < 0 ? 0 : result.line_number());
    sim::note_failure(sim::failure_kind::assertion, result.message(), lasting(result.file_name()), line);
    return;
  }
  if (!result.skipped()) return;
  const sim::host_scope outlives_the_execution;
  ++skips_;
  if (skip_.empty()) skip_.push_back(result);
}

const char* interceptor::lasting(const char* file) {
  const sim::host_scope outlives_the_execution;
  static std::set<std::string> files;
  return file == nullptr ? nullptr : files.emplace(file).first->c_str();
}

void interceptor::keep(const testing::TestPartResult& result) {
  kept_.push_back(result);
}

std::vector<testing::TestPartResult> interceptor::left_over(std::uint64_t executions) {
  std::vector<testing::TestPartResult> all = std::move(kept_);
  if (!skip_.empty() && skips_ >= executions) all.push_back(skip_.front());
  return all;
}

}  // namespace heddle::check
