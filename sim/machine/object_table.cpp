#include "object_table.hpp"

namespace heddle::sim {

object_entry& object_table::add(object_entry& at, std::uintptr_t address, object_kind kind) {
  const bool fresh = at.epoch != epoch_;
  at = {.address = address, .state = nullptr, .epoch = epoch_, .id = ++last_id_, .kind = kind};
  if (!fresh || ++used_ * 2 <= entries_.size()) return at;
  grow();
  return probe(address);
}

void object_table::grow() {
  host_vector<object_entry> old(entries_.size() * 2);
  old.swap(entries_);
  mask_ = entries_.size() - 1;
  for (const object_entry& entry : old) {
    if (entry.epoch == epoch_) probe(entry.address) = entry;
  }
}

}  // namespace heddle::sim
