// Atomic operations: scheduling points, then the operation itself, sequentially consistent.
//
// The callbacks are those of LLVM's <sanitizer/tsan_interface_atomic.h>; g++ emits the _strong and _weak
// forms of compare-exchange, clang the _val form. Orders are not looked at yet: every interleaving is
// explored under sequential consistency (see docs/limits.md).
//
// While the machine's is the only OS thread, operations go without the bus lock, which would cost more than
// all else that is done here.
#include "../interpose/real.hpp"
#include "../machine/arch.hpp"
#include "../machine/execution.hpp"

#include <cstdint>

using namespace heddle::sim;

namespace {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using u128 = arch::wide_word;

// The operations themselves, always sequentially consistent.
template <typename T>
T plain_load(const volatile T* address) noexcept {
  return __atomic_load_n(address, __ATOMIC_SEQ_CST);
}
u128 plain_load(const volatile u128* address) noexcept {
  return arch::compare_and_swap(const_cast<volatile u128*>(address), 0, 0);
}

bool one_os_thread() noexcept {
  return __atomic_load_n(&detail::one_os_thread, __ATOMIC_RELAXED);
}

// The value before; equal to `expected` when `desired` was stored.
template <typename T>
T plain_compare_and_swap(volatile T* address, T expected, T desired) noexcept {
  if (one_os_thread()) return arch::compare_and_swap_alone(address, expected, desired);
  __atomic_compare_exchange_n(address, &expected, desired, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  return expected;
}
u128 plain_compare_and_swap(volatile u128* address, u128 expected, u128 desired) noexcept {
  return arch::compare_and_swap(address, expected, desired);
}

template <typename T>
T plain_fetch_add(volatile T* address, T value) noexcept {
  if (one_os_thread()) return arch::fetch_add_alone(address, value);
  return __atomic_fetch_add(address, value, __ATOMIC_SEQ_CST);
}

// Elsewhere a loop; `change` computes the new value from the old.
template <typename T, typename Change>
[[gnu::always_inline]] inline T plain_update(volatile T* address, Change change) noexcept {
  T before = plain_load(address);
  for (T seen; (seen = plain_compare_and_swap(address, before, change(before))) != before;) before = seen;
  return before;
}
// The processor's own exchange is always locked, hence the loop.
template <typename T>
T plain_exchange(volatile T* address, T value) noexcept {
  if (one_os_thread()) return plain_update(address, [=](T) { return value; });
  return __atomic_exchange_n(address, value, __ATOMIC_SEQ_CST);
}
u128 plain_exchange(volatile u128* address, u128 value) noexcept {
  return plain_update(address, [=](u128) { return value; });
}
template <typename T>
void plain_store(volatile T* address, T value) noexcept {
  if (one_os_thread()) {
    *address = value;
  } else {
    __atomic_store_n(address, value, __ATOMIC_SEQ_CST);
  }
}
void plain_store(volatile u128* address, u128 value) noexcept {
  plain_exchange(address, value);
}
u128 plain_fetch_add(volatile u128* address, u128 value) noexcept {
  return plain_update(address, [=](u128 old) { return old + value; });
}

// A spinning thread may wait for a changed value, never for one written again.
template <typename T>
void note_change(execution& machine, T before, T after) noexcept {
  if (before != after) machine.progress();
}

[[gnu::always_inline]] inline void point_at(execution& machine, const volatile void* address, operation_kind kind,
                                            std::uintptr_t pc) {
  const object_id id = machine.identity(const_cast<const void*>(address), object_kind::word);
  machine.point({.kind = kind, .writes = kind != operation_kind::atomic_load, .object = id}, pc);
}

// Each operation is two functions: the first decides whether there is a point at all, the second holds the
// point. Apart, since the point needs registers that the plain operation, far more frequent in the
// runtime's trusted code, would have to save; and tail-called, so that no return lies behind a switch.

template <typename T>
[[gnu::noinline]] T load_after_point(const volatile T* address, execution& machine, std::uintptr_t pc) {
  point_at(machine, address, operation_kind::atomic_load, pc);
  return plain_load(address);
}

template <typename T>
[[gnu::always_inline]] inline T load(const volatile T* address, std::uintptr_t pc) {
  if (execution* const machine = interleaving()) return load_after_point(address, *machine, pc);
  return plain_load(address);
}

template <typename T>
[[gnu::noinline]] void store_after_point(volatile T* address, T value, execution& machine, std::uintptr_t pc) {
  point_at(machine, address, operation_kind::atomic_store, pc);
  note_change(machine, plain_load(address), value);
  plain_store(address, value);
}

template <typename T>
[[gnu::always_inline]] inline void store(volatile T* address, T value, std::uintptr_t pc) {
  if (execution* const machine = interleaving()) return store_after_point(address, value, *machine, pc);
  plain_store(address, value);
}

template <typename T>
[[gnu::noinline]] T exchange_after_point(volatile T* address, T value, execution& machine, std::uintptr_t pc) {
  point_at(machine, address, operation_kind::atomic_update, pc);
  const T before = plain_exchange(address, value);
  note_change(machine, before, value);
  return before;
}

template <typename T>
[[gnu::always_inline]] inline T exchange(volatile T* address, T value, std::uintptr_t pc) {
  if (execution* const machine = interleaving()) return exchange_after_point(address, value, *machine, pc);
  return plain_exchange(address, value);
}

template <typename T>
[[gnu::noinline]] T fetch_add_after_point(volatile T* address, T value, execution& machine, std::uintptr_t pc) {
  point_at(machine, address, operation_kind::atomic_update, pc);
  const T before = plain_fetch_add(address, value);
  note_change(machine, before, static_cast<T>(before + value));
  return before;
}

template <typename T>
[[gnu::always_inline]] inline T fetch_add(volatile T* address, T value, std::uintptr_t pc) {
  if (execution* const machine = interleaving()) return fetch_add_after_point(address, value, *machine, pc);
  return plain_fetch_add(address, value);
}

template <typename T, typename Change>
[[gnu::noinline]] T update_after_point(volatile T* address, Change change, execution& machine, std::uintptr_t pc) {
  point_at(machine, address, operation_kind::atomic_update, pc);
  const T before = plain_update(address, change);
  note_change(machine, before, change(before));
  return before;
}

template <typename T, typename Change>
[[gnu::always_inline]] inline T update(volatile T* address, Change change, std::uintptr_t pc) {
  if (execution* const machine = interleaving()) return update_after_point(address, change, *machine, pc);
  return plain_update(address, change);
}

// The value before; equal to `expected` when `desired` was stored.
template <typename T>
[[gnu::noinline]] T compare_and_swap_after_point(volatile T* address, T expected, T desired, execution& machine,
                                                 std::uintptr_t pc) {
  point_at(machine, address, operation_kind::atomic_update, pc);
  const T before = plain_compare_and_swap(address, expected, desired);
  if (before == expected) note_change(machine, before, desired);
  return before;
}

template <typename T>
[[gnu::always_inline]] inline T compare_and_swap(volatile T* address, T expected, T desired, std::uintptr_t pc) {
  if (execution* const machine = interleaving()) {
    return compare_and_swap_after_point(address, expected, desired, *machine, pc);
  }
  return plain_compare_and_swap(address, expected, desired);
}

template <typename T>
[[gnu::always_inline]] inline bool compare_exchange(volatile T* address, T* expected, T desired, std::uintptr_t pc) {
  const T before = compare_and_swap(address, *expected, desired, pc);
  const bool done = before == *expected;
  *expected = before;
  return done;
}

}  // namespace

// One set of callbacks for each size. The orders, of type int, are the last arguments.
#define HEDDLE_ATOMICS(BITS, T)                                                                              \
  T __tsan_atomic##BITS##_load(const volatile T* address, int) {                                             \
    return load(address, HEDDLE_CALLER);                                                                     \
  }                                                                                                          \
  void __tsan_atomic##BITS##_store(volatile T* address, T value, int) {                                      \
    store(address, value, HEDDLE_CALLER);                                                                    \
  }                                                                                                          \
  T __tsan_atomic##BITS##_exchange(volatile T* address, T value, int) {                                      \
    return exchange(address, value, HEDDLE_CALLER);                                                          \
  }                                                                                                          \
  T __tsan_atomic##BITS##_fetch_add(volatile T* address, T value, int) {                                     \
    return fetch_add(address, value, HEDDLE_CALLER);                                                         \
  }                                                                                                          \
  T __tsan_atomic##BITS##_fetch_sub(volatile T* address, T value, int) {                                     \
    return fetch_add(address, static_cast<T>(-value), HEDDLE_CALLER);                                        \
  }                                                                                                          \
  T __tsan_atomic##BITS##_fetch_and(volatile T* address, T value, int) {                                     \
    return update(address, [=](T old) { return static_cast<T>(old & value); }, HEDDLE_CALLER);               \
  }                                                                                                          \
  T __tsan_atomic##BITS##_fetch_or(volatile T* address, T value, int) {                                      \
    return update(address, [=](T old) { return static_cast<T>(old | value); }, HEDDLE_CALLER);               \
  }                                                                                                          \
  T __tsan_atomic##BITS##_fetch_xor(volatile T* address, T value, int) {                                     \
    return update(address, [=](T old) { return static_cast<T>(old ^ value); }, HEDDLE_CALLER);               \
  }                                                                                                          \
  T __tsan_atomic##BITS##_fetch_nand(volatile T* address, T value, int) {                                    \
    return update(address, [=](T old) { return static_cast<T>(~(old & value)); }, HEDDLE_CALLER);            \
  }                                                                                                          \
  int __tsan_atomic##BITS##_compare_exchange_strong(volatile T* address, T* expected, T desired, int, int) { \
    return compare_exchange(address, expected, desired, HEDDLE_CALLER) ? 1 : 0;                              \
  }                                                                                                          \
  int __tsan_atomic##BITS##_compare_exchange_weak(volatile T* address, T* expected, T desired, int, int) {   \
    return compare_exchange(address, expected, desired, HEDDLE_CALLER) ? 1 : 0;                              \
  }                                                                                                          \
  T __tsan_atomic##BITS##_compare_exchange_val(volatile T* address, T expected, T desired, int, int) {       \
    return compare_and_swap(address, expected, desired, HEDDLE_CALLER);                                      \
  }

extern "C" {

HEDDLE_ATOMICS(8, u8)
HEDDLE_ATOMICS(16, u16)
HEDDLE_ATOMICS(32, u32)
HEDDLE_ATOMICS(64, u64)
HEDDLE_ATOMICS(128, u128)

void __tsan_atomic_thread_fence(int) {
  execution* const machine = running();
  if (machine != nullptr && machine->interleaves()) {
    machine->record({.kind = operation_kind::fence, .writes = false, .object = 0}, HEDDLE_CALLER);
  }
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void __tsan_atomic_signal_fence(int) {
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

}  // extern "C"
