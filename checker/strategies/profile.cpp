#include "strategies/profile.hpp"

#include <algorithm>
#include <iterator>

namespace heddle::check {

namespace {

bool has_point(const sim::event& what) noexcept {
  if (sim::is_of_the_runtime(what)) return false;
  switch (what.kind) {
    case sim::operation_kind::none:
    case sim::operation_kind::thread_start:
    case sim::operation_kind::thread_create:
    case sim::operation_kind::thread_exit:
    case sim::operation_kind::fence:
    case sim::operation_kind::choice:
      return false;
    default:
      return true;
  }
}

bool writes(sim::operation_kind kind) noexcept {
  return kind != sim::operation_kind::atomic_load && kind != sim::operation_kind::memory_read;
}

}  // namespace

profile::profile(std::span<const sim::event> events) {
  for (const sim::event& what : events) {
    const sim::thread_id newest = what.kind == sim::operation_kind::thread_create ? what.object : what.thread;
    if (newest >= parents_.size()) parents_.resize(newest + 1);
    if (what.kind == sim::operation_kind::thread_create) parents_[what.object] = what.thread;
    if (!has_point(what)) continue;
    ++points_;
    if (what.object == 0 || !counts(what.kind)) continue;
    ++done_[{what.object, what.thread}];
    if (writes(what.kind)) written_.insert(what.object);
  }
  find_shared();
}

void profile::find_shared() {
  for (auto one = done_.begin(); one != done_.end();) {
    const sim::object_id object = one->first.first;
    const auto next = done_.lower_bound({object + 1, 0});
    if (std::distance(one, next) > 1 && written_.contains(object)) shared_.push_back(object);
    one = next;
  }
}

std::vector<std::uint32_t> profile::operations(sim::object_id object) const {
  std::vector<std::uint32_t> totals(parents_.size());
  for (auto one = done_.lower_bound({object, 0}); one != done_.end(); ++one) {
    const auto& [which, thread] = one->first;
    if (object != 0 && which != object) break;
    totals[thread] += one->second;
  }
  if (object != 0) {
    for (std::uint32_t& own : totals) own = std::max(own, 1U);
  }
  // A thread is younger than the one that created it.
  for (std::size_t thread = totals.size(); thread-- > 1;) totals[parents_[thread]] += totals[thread];
  return totals;
}

bool profiled_strategy::begin(std::uint64_t index) noexcept {
  current_ = index == 0 ? first_.get() : later_.get();
  return current_->begin(index);
}

}  // namespace heddle::check
