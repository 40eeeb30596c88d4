#include "object_table.hpp"

#include "../memory/arena.hpp"
#include "../memory/shadow.hpp"

namespace heddle::sim {

object_entry& object_table::add(object_entry& at, std::uintptr_t key) {
  const bool fresh = at.epoch != epoch_;
  at = {.key = key, .state = nullptr, .history = nullptr, .epoch = epoch_, .id = ++last_id_};
  keys_.push_back(key);
  // So that whoever is handed the memory next finds what was there.
  const bool word = kind_of(key) == object_kind::word;
  if (arena::owns(reinterpret_cast<const void*>(address_of(key))))
    shadow_memory::set(address_of(key), word ? granule_flag::word : granule_flag::object);
  if (!fresh || ++used_ * 2 <= entries_.size()) return at;
  grow();
  return probe(key);
}

void object_table::grow() {
  host_vector<object_entry> old(entries_.size() * 2);
  old.swap(entries_);
  mask_ = entries_.size() - 1;
  for (const object_entry& entry : old) {
    if (entry.epoch == epoch_) probe(entry.key) = entry;
  }
}

}  // namespace heddle::sim
