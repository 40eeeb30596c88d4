// Atomic operations: scheduling points, then the operation itself, sequentially consistent unless the execution has
// weak memory: then it is the memory model's (weak_atomics.hpp).
//
// The callbacks are those of LLVM's <sanitizer/tsan_interface_atomic.h>; g++ emits the _strong and _weak
// forms of compare-exchange, clang the _val form.
//
// While the machine's is the only OS thread, operations go without the bus lock, which would cost more than
// all else that is done here.
#include "../interpose/real.hpp"
#include "../machine/arch.hpp"
#include "../machine/execution.hpp"
#include "watch.hpp"
#include "weak_atomics.hpp"

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

// What an operation is asked to do, apart from its values.
struct site {
  std::uintptr_t pc;
  int order = order::sequential;
};

[[gnu::always_inline]] inline void point_at(execution& machine, const volatile void* address, operation_kind kind,
                                            site where) {
  if (machine.interleaves()) {
    const object_id id = machine.identity(const_cast<const void*>(address), object_kind::word);
    const std::uint8_t detail = machine.weak() && where.order == order::sequential ? sequential_detail : 0;
    machine.point({.kind = kind, .writes = kind != operation_kind::atomic_load, .object = id}, where.pc, detail);
  }
  watch_granule(machine, const_cast<const void*>(address), 1, access_kind::atomic, where.pc);
}

// Trusted code, of which the observer wants to know what it touches, and nothing else happens.
bool only_tells(execution& machine) noexcept {
  return machine.tells_touches() && machine.current().trust != 0;
}

// Where operations are no points: the value there was before this one and after it.
template <typename T>
void tell_change(execution& machine, const volatile T* address, T before, T after) {
  if (machine.tells_touches()) [[unlikely]]
    machine.tell(before == after ? operation_kind::atomic_load : operation_kind::atomic_update, address);
}

// For the race detector.
[[gnu::always_inline]] inline void observe(const volatile void* address, std::size_t size, race_access kind,
                                           site where) {
  if (execution* const machine = racing()) machine->observe(const_cast<const void*>(address), size, kind, where.pc);
}

template <typename T>
atomic_word word_at(const volatile T* address) noexcept {
  return {.address = const_cast<volatile T*>(address), .size = sizeof(T)};
}

// Whether the operation is one for the memory model: not of words of 16 bytes.
template <typename T>
bool has_history(execution& machine) noexcept {
  return sizeof(T) <= 8 && machine.weak();
}

// Each operation is two functions: the first decides whether there is a point at all, the second holds the
// point. Apart, since the point needs registers that the plain operation, far more frequent in the
// runtime's trusted code, would have to save; and tail-called, so that no return lies behind a switch.

template <typename T>
[[gnu::noinline]] T load_after_point(const volatile T* address, execution& machine, site where) {
  if (machine.tells_touches()) [[unlikely]] {
    machine.tell(operation_kind::atomic_load, address);
    if (only_tells(machine)) return plain_load(address);
  }
  point_at(machine, address, operation_kind::atomic_load, where);
  observe(address, sizeof(T), race_access::atomic_load, where);
  if (has_history<T>(machine)) return static_cast<T>(load_weakly(machine, word_at(address), where.order));
  if (machine.tracks()) synchronise_load(machine, address, where.order);
  return plain_load(address);
}

template <typename T>
[[gnu::always_inline]] inline T load(const volatile T* address, site where) {
  if (execution* const machine = interleaving()) return load_after_point(address, *machine, where);
  return plain_load(address);
}

template <typename T>
[[gnu::noinline]] void store_after_point(volatile T* address, T value, execution& machine, site where) {
  if (machine.tells_touches()) [[unlikely]] {
    tell_change(machine, address, plain_load(address), value);
    if (only_tells(machine)) return plain_store(address, value);
  }
  point_at(machine, address, operation_kind::atomic_store, where);
  observe(address, sizeof(T), race_access::atomic_store, where);
  if (has_history<T>(machine)) {
    return store_weakly(machine, word_at(address), static_cast<u64>(value), where.order);
  }
  if (machine.tracks()) synchronise_store(machine, address, where.order);
  note_change(machine, plain_load(address), value);
  plain_store(address, value);
}

template <typename T>
[[gnu::always_inline]] inline void store(volatile T* address, T value, site where) {
  if (execution* const machine = interleaving()) return store_after_point(address, value, *machine, where);
  plain_store(address, value);
}

// The value before, of an operation that stores what `change` makes of it; `otherwise` does it outside the model.
template <typename T, typename Change, typename Otherwise>
[[gnu::always_inline]] inline T update_after_point(volatile T* address, Change change, Otherwise otherwise,
                                                   execution& machine, site where) {
  if (only_tells(machine)) [[unlikely]] {
    const T before = otherwise();
    tell_change(machine, address, before, static_cast<T>(change(before)));
    return before;
  }
  point_at(machine, address, operation_kind::atomic_update, where);
  observe(address, sizeof(T), race_access::atomic_store, where);
  if (has_history<T>(machine)) {
    const weak_update begun = begin_update(machine, word_at(address), where.order);
    const T before = static_cast<T>(begun.before);
    finish_update(machine, word_at(address), begun, static_cast<u64>(change(before)), where.order);
    return before;
  }
  if (machine.tracks()) synchronise_update(machine, address, where.order);
  const T before = otherwise();
  tell_change(machine, address, before, static_cast<T>(change(before)));
  note_change(machine, before, static_cast<T>(change(before)));
  return before;
}

template <typename T>
[[gnu::noinline]] T exchange_after_point(volatile T* address, T value, execution& machine, site where) {
  return update_after_point(
      address, [=](T) { return value; }, [=] { return plain_exchange(address, value); }, machine, where);
}

template <typename T>
[[gnu::always_inline]] inline T exchange(volatile T* address, T value, site where) {
  if (execution* const machine = interleaving()) return exchange_after_point(address, value, *machine, where);
  return plain_exchange(address, value);
}

template <typename T>
[[gnu::noinline]] T fetch_add_after_point(volatile T* address, T value, execution& machine, site where) {
  return update_after_point(
      address, [=](T old) { return static_cast<T>(old + value); }, [=] { return plain_fetch_add(address, value); },
      machine, where);
}

template <typename T>
[[gnu::always_inline]] inline T fetch_add(volatile T* address, T value, site where) {
  if (execution* const machine = interleaving()) return fetch_add_after_point(address, value, *machine, where);
  return plain_fetch_add(address, value);
}

template <typename T, typename Change>
[[gnu::noinline]] T change_after_point(volatile T* address, Change change, execution& machine, site where) {
  return update_after_point(address, change, [=] { return plain_update(address, change); }, machine, where);
}

template <typename T, typename Change>
[[gnu::always_inline]] inline T update(volatile T* address, Change change, site where) {
  if (execution* const machine = interleaving()) return change_after_point(address, change, *machine, where);
  return plain_update(address, change);
}

// Whether a compare-exchange is going to fail; no where that is a matter of choice.
template <typename T>
bool will_fail(execution& machine, const volatile T* address, T expected, int order) {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  // Freed memory is not looked at: it is reported next.
  if ((shadow_memory::flags_at(at) & granule_flag::freed) != 0) return false;
  if (has_history<T>(machine) && !reads_memory(machine, word_at(address), order)) return false;
  return plain_load(address) != expected;
}

// The point of one, and its event.
template <typename T>
[[gnu::always_inline]] inline void point_at_compare(execution& machine, const volatile T* address, T expected,
                                                    site where, int failure_order) {
  if (machine.interleaves()) {
    const object_id id = machine.identity(const_cast<const T*>(address), object_kind::word);
    operation next{.kind = operation_kind::atomic_update, .writes = true, .object = id};
    machine.announce(next, where.pc);
    if (will_fail(machine, address, expected, where.order)) {
      next = {.kind = operation_kind::compare_failure, .writes = false, .object = id};
      where.order = failure_order;
    }
    const std::uint8_t detail = machine.weak() && where.order == order::sequential ? sequential_detail : 0;
    machine.record(next, where.pc, detail);
  }
  watch_granule(machine, const_cast<const T*>(address), 1, access_kind::atomic, where.pc);
}

// The value before; equal to `expected` when `desired` was stored.
template <typename T>
[[gnu::noinline]] T compare_and_swap_after_point(volatile T* address, T expected, T desired, execution& machine,
                                                 site where, int failure_order) {
  if (only_tells(machine)) [[unlikely]] {
    const T before = plain_compare_and_swap(address, expected, desired);
    tell_change(machine, address, before, before == expected ? desired : before);
    return before;
  }
  point_at_compare(machine, address, expected, where, failure_order);
  observe(address, sizeof(T), race_access::atomic_load, where);
  T before;
  if (has_history<T>(machine)) {
    before = static_cast<T>(compare_and_swap_weakly(machine, word_at(address), static_cast<u64>(expected),
                                                    static_cast<u64>(desired),
                                                    {.success = where.order, .failure = failure_order}));
  } else {
    before = plain_compare_and_swap(address, expected, desired);
    if (machine.tracks() && before == expected) synchronise_update(machine, address, where.order);
    if (machine.tracks() && before != expected) synchronise_load(machine, address, failure_order);
  }
  tell_change(machine, address, before, before == expected ? desired : before);
  if (before != expected) return before;
  observe(address, sizeof(T), race_access::atomic_store, where);
  note_change(machine, before, desired);
  return before;
}

template <typename T>
[[gnu::always_inline]] inline T compare_and_swap(volatile T* address, T expected, T desired, site where,
                                                 int failure_order) {
  if (execution* const machine = interleaving()) {
    return compare_and_swap_after_point(address, expected, desired, *machine, where, failure_order);
  }
  return plain_compare_and_swap(address, expected, desired);
}

template <typename T>
[[gnu::always_inline]] inline bool compare_exchange(volatile T* address, T* expected, T desired, site where,
                                                    int failure_order) {
  const T before = compare_and_swap(address, *expected, desired, where, failure_order);
  const bool done = before == *expected;
  *expected = before;
  return done;
}

// Under weak memory a seq_cst fence has its place among all seq_cst operations, which is a matter of who comes first.
void fence(execution& machine, site where) {
  if (only_tells(machine)) return;
  const operation done{.kind = operation_kind::fence, .writes = false, .object = 0};
  if (machine.weak() && machine.interleaves() && where.order == order::sequential) {
    machine.point(done, where.pc, sequential_detail);
  } else if (machine.interleaves()) {
    machine.record(done, where.pc);
  }
  if (machine.tracks()) machine.model().fence(machine.current().actor, where.order);
}

// Whether a weak compare-exchange fails without looking.
[[gnu::always_inline]] inline bool fails_spuriously() {
  execution* const machine = interleaving();
  return machine != nullptr && machine->fails_spuriously();
}

}  // namespace

// One set of callbacks for each size. The orders, of type int, are the last arguments.
#define HEDDLE_SITE {.pc = HEDDLE_CALLER, .order = order}
#define HEDDLE_ATOMICS(BITS, T)                                                                                      \
  T __tsan_atomic##BITS##_load(const volatile T* address, int order) {                                               \
    return load(address, HEDDLE_SITE);                                                                               \
  }                                                                                                                  \
  void __tsan_atomic##BITS##_store(volatile T* address, T value, int order) {                                        \
    store(address, value, HEDDLE_SITE);                                                                              \
  }                                                                                                                  \
  T __tsan_atomic##BITS##_exchange(volatile T* address, T value, int order) {                                        \
    return exchange(address, value, HEDDLE_SITE);                                                                    \
  }                                                                                                                  \
  T __tsan_atomic##BITS##_fetch_add(volatile T* address, T value, int order) {                                       \
    return fetch_add(address, value, HEDDLE_SITE);                                                                   \
  }                                                                                                                  \
  T __tsan_atomic##BITS##_fetch_sub(volatile T* address, T value, int order) {                                       \
    return fetch_add(address, static_cast<T>(-value), HEDDLE_SITE);                                                  \
  }                                                                                                                  \
  T __tsan_atomic##BITS##_fetch_and(volatile T* address, T value, int order) {                                       \
    return update(address, [=](T old) { return static_cast<T>(old & value); }, HEDDLE_SITE);                         \
  }                                                                                                                  \
  T __tsan_atomic##BITS##_fetch_or(volatile T* address, T value, int order) {                                        \
    return update(address, [=](T old) { return static_cast<T>(old | value); }, HEDDLE_SITE);                         \
  }                                                                                                                  \
  T __tsan_atomic##BITS##_fetch_xor(volatile T* address, T value, int order) {                                       \
    return update(address, [=](T old) { return static_cast<T>(old ^ value); }, HEDDLE_SITE);                         \
  }                                                                                                                  \
  T __tsan_atomic##BITS##_fetch_nand(volatile T* address, T value, int order) {                                      \
    return update(address, [=](T old) { return static_cast<T>(~(old & value)); }, HEDDLE_SITE);                      \
  }                                                                                                                  \
  int __tsan_atomic##BITS##_compare_exchange_strong(volatile T* address, T* expected, T desired, int order,          \
                                                    int failure) {                                                   \
    return compare_exchange(address, expected, desired, HEDDLE_SITE, failure) ? 1 : 0;                               \
  }                                                                                                                  \
  int __tsan_atomic##BITS##_compare_exchange_weak(volatile T* address, T* expected, T desired, int order,            \
                                                  int failure) {                                                     \
    if (fails_spuriously()) return 0;                                                                                \
    return compare_exchange(address, expected, desired, HEDDLE_SITE, failure) ? 1 : 0;                               \
  }                                                                                                                  \
  T __tsan_atomic##BITS##_compare_exchange_val(volatile T* address, T expected, T desired, int order, int failure) { \
    return compare_and_swap(address, expected, desired, HEDDLE_SITE, failure);                                       \
  }

extern "C" {

HEDDLE_ATOMICS(8, u8)
HEDDLE_ATOMICS(16, u16)
HEDDLE_ATOMICS(32, u32)
HEDDLE_ATOMICS(64, u64)
HEDDLE_ATOMICS(128, u128)

void __tsan_atomic_thread_fence(int order) {
  if (execution* const machine = interleaving()) fence(*machine, {.pc = HEDDLE_CALLER, .order = order});
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void __tsan_atomic_signal_fence(int) {
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

}  // extern "C"
