#include "explore/suppression_judge.hpp"

#include "report/collect.hpp"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

namespace heddle::check {

bool suppression_judge::suppresses_end_of(const sim::execution_result& result) {
  if (rules_.empty()) return false;
  std::vector<std::size_t> used;
  const auto add_rule_for = [&](const sim::failure& one) {
    const auto rule = rule_for(one);
    if (rule) used.push_back(*rule);
    return rule.has_value();
  };
  std::for_each(result.accepted.begin(), result.accepted.end(), add_rule_for);
  const std::size_t after_which_it_went_on = used.size();
  const bool all = std::all_of(result.failures.begin(), result.failures.end(), add_rule_for);
  if (!all) used.resize(after_which_it_went_on);
  rules_.count(std::move(used));
  return all && !result.failures.empty();
}

suppression_judge::key suppression_judge::key_of(const sim::failure& what) {
  key result{static_cast<std::uintptr_t>(what.kind)};
  const auto add = [&result](const sim::call_stack& stack) {
    result.push_back(stack.size());
    result.insert(result.end(), stack.begin(), stack.end());
  };
  const auto add_place = [&result](const sim::await_place& place) {
    const std::string_view file = place.file == nullptr ? "" : place.file;
    result.insert(result.end(), {std::hash<std::string_view>()(file), place.line});
  };
  add(what.stack);
  for (const sim::related_stack& one : what.related) {
    add(one.stack);
    add_place(one.place);
  }
  for (const sim::task_state& task : what.tasks) {
    result.push_back(task.awaiting.size());
    for (const sim::await_place& place : task.awaiting) add_place(place);
  }
  return result;
}

std::optional<std::size_t> suppression_judge::rule_for(const sim::failure& what) {
  // Of an assertion, the place it names itself counts too.
  const bool kept = what.threads.empty() && what.file == nullptr;
  if (!kept) return rules_.rule_for(collect(what, symbols_));
  const auto [known, is_new] = known_.try_emplace(key_of(what));
  if (is_new) known->second = rules_.rule_for(collect(what, symbols_));
  return known->second;
}

}  // namespace heddle::check
