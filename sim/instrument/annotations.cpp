// The public annotation interfaces of the thread sanitizer and of its valgrind-era forerunners: what a program says of
// synchronisation that its instructions do not show.
//
// How it works. A release publishes at an address, an acquire learns what was published there: edges of happens-before,
// and no scheduling points, since the operations they describe are points already. A lock of the program's own does
// both, readers apart, since they do not order each other. Between the calls before and after such an operation, and
// where the program says so, accesses are not compared for races, and what the thread learns from others orders
// nothing. It still publishes what it did: threads that do not ignore learn it.
//
// The barrier of the sanitizer's own tests waits without ordering anything.
//
// The rest exists so that annotated code links; it is to be told to other tools.
#include "../interpose/real.hpp"
#include "../machine/execution.hpp"
#include "../objects/waits.hpp"

#include <cstddef>
#include <cstdint>

using namespace heddle::sim;

namespace {

// What <sanitizer/tsan_interface.h> gives these bits.
constexpr unsigned mutex_read_lock = 1U << 3;
constexpr unsigned mutex_try_lock_failed = 1U << 5;

enum class side : std::uint8_t { exclusive, shared };

side side_of(unsigned flags) noexcept {
  return (flags & mutex_read_lock) != 0 ? side::shared : side::exclusive;
}

const void* plain(const volatile void* address) noexcept {
  return const_cast<const void*>(address);
}

void acquire(const volatile void* address, side how) {
  execution* const machine = running();
  if (machine == nullptr || !machine->tracks()) return;
  const sync_object& object = machine->object(plain(address), object_kind::annotation);
  machine->acquire_from(object.released);
  if (how == side::exclusive) machine->acquire_from(object.released_shared);
}

void release(const volatile void* address, side how) {
  execution* const machine = running();
  if (machine == nullptr || !machine->tracks()) return;
  sync_object& object = machine->object(plain(address), object_kind::annotation);
  machine->release_into(how == side::exclusive ? object.released : object.released_shared);
}

void forget(const volatile void* address) noexcept {
  if (execution* const machine = running()) machine->forget_object(plain(address), object_kind::annotation);
}

void begin_ignoring() noexcept {
  if (execution* const machine = running()) machine->begin_ignoring();
}

void end_ignoring() noexcept {
  if (execution* const machine = running()) machine->end_ignoring();
}

void begin_ignoring_order() noexcept {
  if (execution* const machine = running()) machine->begin_ignoring_order();
}

void end_ignoring_order() noexcept {
  if (execution* const machine = running()) machine->end_ignoring_order();
}

// The inside of an operation on a lock of the program's own.
void begin_operation() noexcept {
  begin_ignoring();
  begin_ignoring_order();
}

void end_operation() noexcept {
  end_ignoring();
  end_ignoring_order();
}

void expect_races(const volatile void* address, std::size_t size) {
  if (execution* const machine = running()) machine->expect_races(plain(address), size);
}

}  // namespace

extern "C" {

// ---------------------------------------------------------------- <sanitizer/tsan_interface.h>

void __tsan_acquire(void* address) {
  acquire(address, side::exclusive);
}
void __tsan_release(void* address) {
  release(address, side::exclusive);
}

void __tsan_mutex_create(void* address, unsigned) {
  forget(address);
}
void __tsan_mutex_destroy(void* address, unsigned) {
  forget(address);
}
void __tsan_mutex_pre_lock(void*, unsigned) {
  begin_operation();
}
void __tsan_mutex_post_lock(void* address, unsigned flags, int) {
  end_operation();
  if ((flags & mutex_try_lock_failed) == 0) acquire(address, side_of(flags));
}
int __tsan_mutex_pre_unlock(void* address, unsigned flags) {
  release(address, side_of(flags));
  begin_operation();
  return 0;
}
void __tsan_mutex_post_unlock(void*, unsigned) {
  end_operation();
}
void __tsan_mutex_pre_signal(void*, unsigned) {
  begin_operation();
}
void __tsan_mutex_post_signal(void*, unsigned) {
  end_operation();
}
// Code of the program that runs in the middle of an operation on a lock.
void __tsan_mutex_pre_divert(void*, unsigned) {
  end_operation();
}
void __tsan_mutex_post_divert(void*, unsigned) {
  begin_operation();
}
void __tsan_ignore_thread_begin() {
  begin_ignoring();
}
void __tsan_ignore_thread_end() {
  end_ignoring();
}
void __tsan_flush_memory() {}

void __tsan_testonly_barrier_init(std::uint64_t* barrier, unsigned threads) {
  if (execution* const machine = running()) set_barrier(*machine, barrier, threads);
}
void __tsan_testonly_barrier_wait(std::uint64_t* barrier) {
  if (execution* const machine = running()) wait_barrier_unordered(*machine, barrier, HEDDLE_CALLER);
}
std::size_t __tsan_testonly_shadow_stack_current_size() {
  execution* const machine = running();
  return machine == nullptr ? 0 : machine->current().shadow_depth;
}

// ---------------------------------------------------------------- dynamic annotations

void AnnotateHappensBefore(const char*, int, const volatile void* address) {
  release(address, side::exclusive);
}
void AnnotateHappensAfter(const char*, int, const volatile void* address) {
  acquire(address, side::exclusive);
}
void WTFAnnotateHappensBefore(const char*, int, const volatile void* address) {
  release(address, side::exclusive);
}
void WTFAnnotateHappensAfter(const char*, int, const volatile void* address) {
  acquire(address, side::exclusive);
}
void AnnotateCondVarSignal(const char*, int, const volatile void*) {}
void AnnotateCondVarSignalAll(const char*, int, const volatile void*) {}
void AnnotateCondVarWait(const char*, int, const volatile void*, const volatile void*) {}
void AnnotateMutexIsNotPHB(const char*, int, const volatile void*) {}
void AnnotateMutexIsUsedAsCondVar(const char*, int, const volatile void*) {}
void AnnotatePCQCreate(const char*, int, const volatile void*) {}
void AnnotatePCQDestroy(const char*, int, const volatile void*) {}
void AnnotatePCQPut(const char*, int, const volatile void*) {}
void AnnotatePCQGet(const char*, int, const volatile void*) {}

// As in the sanitizer, either ignores reads and writes.
void AnnotateIgnoreReadsBegin(const char*, int) {
  begin_ignoring();
}
void AnnotateIgnoreReadsEnd(const char*, int) {
  end_ignoring();
}
void AnnotateIgnoreWritesBegin(const char*, int) {
  begin_ignoring();
}
void AnnotateIgnoreWritesEnd(const char*, int) {
  end_ignoring();
}
void AnnotateIgnoreSyncBegin(const char*, int) {
  begin_ignoring_order();
}
void AnnotateIgnoreSyncEnd(const char*, int) {
  end_ignoring_order();
}
void AnnotateBenignRace(const char*, int, const volatile void* address, const char*) {
  expect_races(address, 1);
}
void AnnotateBenignRaceSized(const char*, int, const volatile void* address, std::size_t size, const char*) {
  expect_races(address, size);
}
void WTFAnnotateBenignRaceSized(const char*, int, const volatile void* address, std::size_t size, const char*) {
  expect_races(address, size);
}
void AnnotateExpectRace(const char*, int, const volatile void*, const char*) {}
void AnnotateFlushExpectedRaces(const char*, int) {}
void AnnotateFlushState(const char*, int) {}
void AnnotateEnableRaceDetection(const char*, int, int) {}
void AnnotatePublishMemoryRange(const char*, int, const volatile void*, std::size_t) {}
void AnnotateUnpublishMemoryRange(const char*, int, const volatile void*, std::size_t) {}
void AnnotateNewMemory(const char*, int, const volatile void*, std::size_t) {}
void AnnotateMemoryIsInitialized(const char*, int, const volatile void*, std::size_t) {}
void AnnotateMemoryIsUninitialized(const char*, int, const volatile void*, std::size_t) {}
void AnnotateTraceMemory(const char*, int, const volatile void*) {}
void AnnotateThreadName(const char*, int, const char*) {}
void AnnotateNoOp(const char*, int, const volatile void*) {}

void AnnotateRWLockCreate(const char*, int, const volatile void* lock) {
  forget(lock);
}
void AnnotateRWLockCreateStatic(const char*, int, const volatile void* lock) {
  forget(lock);
}
void AnnotateRWLockDestroy(const char*, int, const volatile void* lock) {
  forget(lock);
}
void AnnotateRWLockAcquired(const char*, int, const volatile void* lock, long exclusive) {
  acquire(lock, exclusive != 0 ? side::exclusive : side::shared);
}
void AnnotateRWLockReleased(const char*, int, const volatile void* lock, long exclusive) {
  release(lock, exclusive != 0 ? side::exclusive : side::shared);
}

int RunningOnValgrind() {
  return 0;
}
double ValgrindSlowdown() {
  return 1;
}

}  // extern "C"
