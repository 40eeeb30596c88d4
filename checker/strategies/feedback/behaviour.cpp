#include "strategies/feedback/behaviour.hpp"

#include "strategies/generator.hpp"

#include <algorithm>
#include <bit>

namespace heddle::check {

namespace {

using sim::operation_kind;

constexpr std::uint32_t of_task = std::uint32_t{1} << 31;

bool only_looks(operation_kind kind) noexcept {
  switch (kind) {
    case operation_kind::atomic_load:
    case operation_kind::compare_failure:
    case operation_kind::memory_read:
    case operation_kind::shared_lock:
    case operation_kind::shared_unlock:
      return true;
    default:
      return false;
  }
}

std::uint32_t magnitude(std::uint32_t count) noexcept {
  return count < 4 ? count : 3 + (static_cast<std::uint32_t>(std::bit_width(count)) - 1) / 2;
}

}  // namespace

behaviour::behaviour() : pairs_(pairs_min) {}

void behaviour::begin() noexcept {
  ++execution_;
  news_ = 0;
  last_pair_ = 0;
}

behaviour::pair& behaviour::find(std::uint64_t name) noexcept {
  std::size_t at = name & (pairs_.size() - 1);
  while (pairs_[at].name != 0 && pairs_[at].name != name) at = (at + 1) & (pairs_.size() - 1);
  return pairs_[at];
}

void behaviour::grow() {
  std::vector<pair> old(pairs_.size() * 2);
  old.swap(pairs_);
  for (const pair& one : old) {
    if (one.name != 0) find(one.name) = one;
  }
}

void behaviour::note(std::uint64_t name) {
  name |= 1;
  pair& one = find(name);
  if (one.name == 0) {
    one.name = name;
    ++used_;
  }
  if (one.execution != execution_) {
    one.execution = execution_;
    one.count = 0;
  }
  const std::uint32_t reached = magnitude(++one.count);
  if (reached > one.highest) {
    one.highest = reached;
    ++news_;
  }
  if (2 * used_ > pairs_.size()) grow();
}

void behaviour::on_event(const sim::event& what, std::uintptr_t object) noexcept {
  if (what.kind == operation_kind::choice) {
    const bool older = what.detail == static_cast<std::uint8_t>(sim::choice_kind::read_from) && what.object != 0;
    if (older && last_pair_ != 0) note(mix(last_pair_ + what.object));
    return;
  }
  last_pair_ = 0;
  if (object == 0 || sim::is_of_the_runtime(what)) return;
  if (what.object >= changes_.size()) changes_.resize(std::size_t{what.object} * 2 + 1);
  change& last = changes_[what.object];
  const std::uint64_t operation = mix(what.pc + (static_cast<std::uint64_t>(what.kind) << 56));
  const std::uint32_t actor = what.task != 0 ? what.task | of_task : what.thread;
  if (last.execution == execution_ && last.actor != actor) {
    last_pair_ = mix(last.operation + std::rotl(operation, 32));
    note(last_pair_);
  }
  if (!only_looks(what.kind)) last = {operation, actor, execution_};
}

}  // namespace heddle::check
