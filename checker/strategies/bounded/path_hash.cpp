#include "strategies/bounded/path_hash.hpp"

#include <utility>

namespace heddle::check {

void path_hash::add(const transition& one) {
  if (one.thread >= threads_.size()) threads_.resize(one.thread + 1);
  std::uint64_t hash = mix(threads_[one.thread] + std::exchange(answers_, 0) + one.thread);
  for (const access& each : one.touched) {
    hash = mix(hash + objects_[each.object] + static_cast<std::uint64_t>(each.kind));
  }
  for (const access& each : one.touched) {
    if (!only_looks(each.kind)) objects_[each.object] = hash;
  }
  threads_[one.thread] = hash;
  all_ += mix(hash);
}

}  // namespace heddle::check
