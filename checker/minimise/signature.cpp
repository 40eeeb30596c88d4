#include "minimise/signature.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace heddle::check {

namespace {

void add_innermost(std::vector<std::uintptr_t>& places, const sim::call_stack& stack) {
  if (!stack.empty()) places.push_back(stack.front());
}

}  // namespace

failure_signature signature_of(const sim::failure& failure) {
  failure_signature result;
  result.kind = failure.kind;
  switch (failure.kind) {
    case sim::failure_kind::deadlock:
      for (const sim::thread_state& thread : failure.threads) {
        if (thread.blocked) add_innermost(result.places, thread.stack);
      }
      for (const sim::task_state& task : failure.tasks) {
        if (task.awaiting.empty()) continue;
        const sim::await_place& where = task.awaiting.back();
        result.awaits.push_back(fmt::format("{}:{}", where.file == nullptr ? "" : where.file, where.line));
      }
      break;
    case sim::failure_kind::data_race:
      add_innermost(result.places, failure.stack);
      if (!failure.related.empty()) add_innermost(result.places, failure.related.front().stack);
      break;
    default:
      if (failure.file == nullptr) {
        add_innermost(result.places, failure.stack);
      } else {
        result.file = failure.file;
        result.line = failure.line;
      }
  }
  std::sort(result.places.begin(), result.places.end());
  std::sort(result.awaits.begin(), result.awaits.end());
  return result;
}

}  // namespace heddle::check
