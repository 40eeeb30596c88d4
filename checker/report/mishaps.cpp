#include "report/mishaps.hpp"

#include "report/collect.hpp"

#include <string>

#include <fmt/format.h>

namespace heddle::check {

namespace {

std::string sentence_of(const sim::mishap& made) {
  std::string task = fmt::format("task {}", made.task);
  if (!made.name.empty()) task += fmt::format(" ({})", made.name);
  switch (made.kind) {
    case sim::mishap::what::aborted:
      return task + " was aborted as it was suspended";
    case sim::mishap::what::aborted_later:
      return task + " was aborted while it was suspended";
    case sim::mishap::what::aborted_queued:
      return task +
             (made.awaiting.empty() ? " was aborted before its first poll" : " was aborted when it had been woken");
    case sim::mishap::what::sleep_over:
      return "a sleep of " + task + " was over early";
    case sim::mishap::what::fault:
      return fmt::format("the fault `{}` happened", made.name);
    case sim::mishap::what::no_memory:
      return "an allocation failed";
  }
  return task;
}

}  // namespace

std::vector<mishap_view> collect_mishaps(const std::vector<sim::mishap>& made) {
  std::vector<mishap_view> all;
  for (const sim::mishap& one : made) {
    mishap_view& view = all.emplace_back();
    view.what = sentence_of(one);
    view.task = one.task;
    for (const sim::await_place& where : one.awaiting) view.awaiting.push_back(place_of(where));
  }
  return all;
}

void tell(const sim::mishap& made, moment& when) {
  when.what = sentence_of(made);
  when.task = made.task;
  if (!made.awaiting.empty()) when.where = place_of(made.awaiting.back());
}

}  // namespace heddle::check
