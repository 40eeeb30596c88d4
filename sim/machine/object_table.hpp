// From addresses of user objects to their simulated state and creation-ordered identity.
//
// How it works: open addressing with linear probing on a multiplicative hash; an entry belongs to the
// execution whose epoch it carries, so starting anew costs nothing. Nothing ever walks the table, so
// neither addresses nor hash order can reach a decision.
#pragma once

#include "heddle/sim/operation.hpp"
#include "host_memory.hpp"

#include <cstdint>

namespace heddle::sim {

// A `word` is what atomic operations, futexes and once-flags use, often all on one address: the same
// object to all of them. An address used as another kind is a new object in reused memory.
enum class object_kind : std::uint8_t { none, word, lock, condition, semaphore, barrier, task, runtime_object };

struct object_entry {
  std::uintptr_t address = 0;
  void* state = nullptr;  // a record of the kind's pool, or null
  std::uint32_t epoch = 0;
  object_id id = 0;
  object_kind kind = object_kind::none;
};

class object_table {
 public:
  object_table() : entries_(initial_capacity), mask_(initial_capacity - 1) {}

  // Forgets all objects.
  void reset() noexcept {
    ++epoch_;
    used_ = 0;
    last_id_ = 0;
  }

  // The entry of the object at `address`, made when it is new. An entry of another kind is a new object
  // in reused memory. The reference holds until the next call.
  object_entry& find_or_add(const void* address, object_kind kind) {
    object_entry& entry = probe(reinterpret_cast<std::uintptr_t>(address));
    if (entry.epoch == epoch_ && entry.kind == kind) [[likely]]
      return entry;
    return add(entry, reinterpret_cast<std::uintptr_t>(address), kind);
  }

  // The entry of the object at `address`, or null.
  object_entry* find(const void* address, object_kind kind) noexcept {
    object_entry& entry = probe(reinterpret_cast<std::uintptr_t>(address));
    return entry.epoch == epoch_ && entry.kind == kind ? &entry : nullptr;
  }

  // The object's life ends; the next use of the address is another object.
  void forget(const void* address) noexcept {
    object_entry& entry = probe(reinterpret_cast<std::uintptr_t>(address));
    if (entry.epoch == epoch_) entry.kind = object_kind::none;
  }

  std::uint32_t objects() const noexcept { return last_id_; }

 private:
  static constexpr std::size_t initial_capacity = 4096;

  static std::size_t hash(std::uintptr_t address) noexcept {
    return static_cast<std::size_t>((address * 0x9e3779b97f4a7c15u) >> 32);
  }

  // The entry of `address` in this epoch, or the free one where it would go.
  object_entry& probe(std::uintptr_t address) noexcept {
    std::size_t at = hash(address) & mask_;
    while (entries_[at].epoch == epoch_ && entries_[at].address != address) at = (at + 1) & mask_;
    return entries_[at];
  }

  object_entry& add(object_entry& at, std::uintptr_t address, object_kind kind);
  void grow();

  host_vector<object_entry> entries_;
  std::size_t mask_;
  std::size_t used_ = 0;
  std::uint32_t epoch_ = 1;
  object_id last_id_ = 0;
};

}  // namespace heddle::sim
