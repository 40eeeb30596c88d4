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

// What an object is to those who use it. A `word` is what atomic operations, futexes and once-flags use,
// often all on one address: the same object to all of them. Kinds have name spaces of their own, since
// the first member of an object shares its address.
enum class object_kind : std::uint8_t {
  word,
  lock,
  condition,
  semaphore,
  barrier,
  annotation,
  runtime_object,
  runtime_order,
  bound_value,
};

struct store_history;

struct object_entry {
  std::uintptr_t key = 0;
  void* state = nullptr;             // a record of the kind's pool, or null
  store_history* history = nullptr;  // of a word under weak memory, or null
  std::uint32_t epoch = 0;
  object_id id = 0;  // 0: forgotten
};

class object_table {
 public:
  object_table() : entries_(initial_capacity), mask_(initial_capacity - 1) {}

  // Forgets all objects.
  void reset() noexcept {
    ++epoch_;
    used_ = 0;
    last_id_ = 0;
    keys_.clear();
  }

  // The entry of the object at `address`, made when it is new. The reference holds until the next call.
  object_entry& find_or_add(const void* address, object_kind kind) {
    const std::uintptr_t key = key_of(address, kind);
    object_entry& entry = probe(key);
    if (entry.epoch == epoch_ && entry.id != 0) [[likely]]
      return entry;
    return add(entry, key);
  }

  // The entry of the object at `address`, or null.
  object_entry* find(const void* address, object_kind kind) noexcept {
    object_entry& entry = probe(key_of(address, kind));
    return entry.epoch == epoch_ && entry.id != 0 ? &entry : nullptr;
  }

  // The object's life ends; the next use of the address is another object.
  void forget(const void* address, object_kind kind) noexcept {
    object_entry& entry = probe(key_of(address, kind));
    if (entry.epoch == epoch_) entry.id = 0;
  }

  std::uint32_t objects() const noexcept { return last_id_; }

  // The address and kind of the object as one number. REQUIRES: 1 <= id <= objects()
  std::uintptr_t key_of(object_id id) const noexcept { return keys_[id - 1]; }
  // The same of any object. Addresses of user space leave the upper bits free.
  static std::uintptr_t key_of(const void* address, object_kind kind) noexcept {
    return reinterpret_cast<std::uintptr_t>(address) | (static_cast<std::uintptr_t>(kind) << 56);
  }

 private:
  static constexpr std::size_t initial_capacity = 4096;

  static std::uintptr_t address_of(std::uintptr_t key) noexcept { return key << 8 >> 8; }
  static object_kind kind_of(std::uintptr_t key) noexcept { return static_cast<object_kind>(key >> 56); }
  static std::size_t hash(std::uintptr_t key) noexcept {
    return static_cast<std::size_t>((key * 0x9e3779b97f4a7c15u) >> 32);
  }

  // The entry of `key` in this epoch, or the free one where it would go.
  object_entry& probe(std::uintptr_t key) noexcept {
    std::size_t at = hash(key) & mask_;
    while (entries_[at].epoch == epoch_ && entries_[at].key != key) at = (at + 1) & mask_;
    return entries_[at];
  }

  object_entry& add(object_entry& at, std::uintptr_t key);
  void grow();

  host_vector<object_entry> entries_;
  host_vector<std::uintptr_t> keys_;  // by id - 1
  std::size_t mask_;
  std::size_t used_ = 0;
  std::uint32_t epoch_ = 1;
  object_id last_id_ = 0;
};

}  // namespace heddle::sim
