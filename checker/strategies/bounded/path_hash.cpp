#include "strategies/bounded/path_hash.hpp"

#include <utility>

namespace heddle::check {

void path_hash::add(const transition& one) {
  if (one.thread >= threads_.size()) threads_.resize(one.thread + 1);
  std::uint64_t hash = mix(threads_[one.thread] + std::exchange(answers_, 0) + one.thread);
  for (const access& each : one.touched) {
    const object_view& object = objects_[each.object];
    hash = mix(hash + object.changed + static_cast<std::uint64_t>(each.kind));
    if (!only_looks(each.kind)) hash = mix(hash + object.looked);
  }
  for (const access& each : one.touched) {
    object_view& object = objects_[each.object];
    if (only_looks(each.kind)) {
      object.looked += hash;
    } else {
      object = {.changed = hash, .looked = 0};
    }
  }
  threads_[one.thread] = hash;
  all_ += mix(hash);
}

}  // namespace heddle::check
