// Something about each object, by its key (see sim::event_observer).
//
// How it works. Open addressing with linear probing and a load of at most one half. A slot says in which round it was
// filled, so that all are forgotten at once. Keys are looked up only: their order in the table never shows.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace heddle::check {

template <typename Value>
class object_map {
 public:
  // Made when it was not there. The reference is good until the next call.
  Value& operator[](std::uintptr_t key) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = place_of(key);
    while (slots_[at].round == round_) {
      if (slots_[at].key == key) return slots_[at].value;
      at = (at + 1) & mask;
    }
    return add(at, key);
  }

  void clear() {
    count_ = 0;
    if (++round_ != 0) return;
    slots_.assign(slots_.size(), {});
    round_ = 1;
  }

 private:
  struct slot {
    std::uintptr_t key = 0;
    Value value{};
    std::uint32_t round = 0;  // of another round than the present one: free
  };
  static constexpr std::size_t slots_min = 64;

  std::size_t place_of(std::uintptr_t key) const noexcept {
    return static_cast<std::size_t>((key * 0x9e3779b97f4a7c15U) >> shift_);
  }
  std::size_t free_place_of(std::uintptr_t key) const noexcept {
    std::size_t at = place_of(key);
    while (slots_[at].round == round_) at = (at + 1) & (slots_.size() - 1);
    return at;
  }
  [[gnu::noinline]] Value& add(std::size_t at, std::uintptr_t key) {
    if (2 * ++count_ > slots_.size()) {
      grow();
      at = free_place_of(key);
    }
    slots_[at] = {key, {}, round_};
    return slots_[at].value;
  }
  void grow() {
    std::vector<slot> old(2 * slots_.size());
    old.swap(slots_);
    --shift_;
    for (const slot& one : old) {
      if (one.round == round_) slots_[free_place_of(one.key)] = one;
    }
  }

  std::vector<slot> slots_ = std::vector<slot>(slots_min);  // their number is a power of two
  unsigned shift_ = 64 - std::countr_zero(slots_min);
  std::uint32_t round_ = 1;
  std::size_t count_ = 0;
};

}  // namespace heddle::check
