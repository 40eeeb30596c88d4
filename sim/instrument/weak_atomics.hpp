// Atomic operations under weak memory: the model says what is allowed, a decision picks, memory keeps the newest.
//
// Words of up to 8 bytes are given as 64-bit numbers and their size in bytes. REQUIRES: machine.weak(), and the
// scheduling point has passed.
#pragma once

#include "../machine/execution.hpp"

#include <cstdint>

namespace heddle::sim {

// A word of the user's memory.
struct atomic_word {
  volatile void* address = nullptr;
  std::uint32_t size = 0;
};

std::uint64_t load_weakly(execution& machine, atomic_word word, int order);
void store_weakly(execution& machine, atomic_word word, std::uint64_t value, int order);

// Whether an operation of that order has no store to read but the newest, which is what memory holds.
bool reads_memory(execution& machine, atomic_word word, int order);

// The first half of a read-modify-write: chooses what it reads.
struct weak_update {
  store_history* history = nullptr;
  std::uint32_t place = 0;
  std::uint64_t before = 0;
};
weak_update begin_update(execution& machine, atomic_word word, int order);
void finish_update(execution& machine, atomic_word word, const weak_update& begun, std::uint64_t after, int order);

struct compare_orders {
  int success = __ATOMIC_SEQ_CST;
  int failure = __ATOMIC_SEQ_CST;
};
// The value before; the operation succeeded when that is `expected`.
std::uint64_t compare_and_swap_weakly(execution& machine, atomic_word word, std::uint64_t expected,
                                      std::uint64_t desired, compare_orders orders);

// What operations on a word without a history publish and learn: one that is sequentially consistent.
void synchronise_load(execution& machine, const volatile void* address, int order);
void synchronise_store(execution& machine, const volatile void* address, int order);
void synchronise_update(execution& machine, const volatile void* address, int order);

}  // namespace heddle::sim
