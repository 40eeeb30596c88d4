// What an execution touches, as accesses to objects: read from what the machine tells of it.
//
// How it works. An operation with an event touches the object of the event. Operations that have none, those of trusted
// code and at granularity::task all, are told as touches. What a thread announced before it had to wait may be done
// later without an event of its own, when another lets it go on: it is touched first, unless its event comes first.
//
// Weak memory. What one seq_cst load read, later ones may not overlook: their order matters too, unless the store that
// was read told so by itself. So where other operations have stored to the word, such a load counts as a change.
#pragma once

#include "heddle/sim/event.hpp"
#include "heddle/sim/operation.hpp"
#include "strategies/exhaustive/access.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace heddle::check {

class touch_reader {
 public:
  // With `by_words` plain accesses are told as well, and objects in one word of 8 bytes are one.
  explicit touch_reader(bool by_words) noexcept : by_words_(by_words) {}

  // A new execution.
  void clear() noexcept {
    keys_.clear();
    other_stores_.clear();
    is_announced_ = false;
  }

  // A transition begins, with what its thread has announced.
  void announce(const sim::operation& next) noexcept {
    is_announced_ = next.object != 0 && sim::names_an_object(next.kind) && touches_something(next.kind);
    announced_ = next;
  }

  // Each calls `add` with what is touched.
  template <typename Add>
  void read(const sim::event& what, std::uintptr_t object, Add add) {
    if (is_announced_ && touches_something(what.kind)) {
      if (is_announced(what)) is_announced_ = false;
      finish(add);
    }
    if (object != 0) {
      object = word_of(object);
      note_key(what.object, object);
    }
    if (is_sequential(what)) {
      const bool fence = what.kind == sim::operation_kind::fence;
      add(access{sequential_order, fence ? access_kind::write : access_kind::read});
      if (loads(what.kind) && has_other_stores(object)) add(access{object, access_kind::write});
    } else if (stores(what.kind) && !has_other_stores(object)) {
      other_stores_.push_back(object);
    }
    if (touches_something(what.kind)) add(access{key_of(what, object), access_kind_of(what.kind)});
  }
  template <typename Add>
  void read_touch(sim::operation_kind kind, std::uintptr_t object, Add add) {
    finish(add);
    add(access{word_of(object), access_kind_of(kind)});
  }
  // The transition is over.
  template <typename Add>
  void finish(Add add) {
    if (!is_announced_) return;
    is_announced_ = false;
    const std::uintptr_t object = key_of(announced_.object);
    if (object != 0) add(access{object, access_kind_of(announced_.kind)});
  }

  // The key of an object that an event was of, or 0.
  std::uintptr_t key_of(sim::object_id object) const noexcept { return object < keys_.size() ? keys_[object] : 0; }

 private:
  // What is no object of the program; sim's keys never have all of the upper bits set.
  static constexpr std::uintptr_t thread_keys = ~std::uintptr_t{0} << 40;
  static constexpr std::uintptr_t all_threads = thread_keys - 1;
  // The order of all seq_cst operations: where a fence stands in it matters, where the others do on different objects
  // not.
  static constexpr std::uintptr_t sequential_order = thread_keys - 2;

  static constexpr bool touches_something(sim::operation_kind kind) noexcept {
    switch (kind) {
      case sim::operation_kind::none:
      case sim::operation_kind::thread_start:
      case sim::operation_kind::yield:
      case sim::operation_kind::sleep:
      case sim::operation_kind::fence:
      case sim::operation_kind::choice:
      // What these touch is told.
      case sim::operation_kind::task_poll:
      case sim::operation_kind::task_cancel:
      case sim::operation_kind::runtime_operation:
        return false;
      default:
        return true;
    }
  }
  static constexpr access_kind access_kind_of(sim::operation_kind kind) noexcept {
    switch (kind) {
      case sim::operation_kind::atomic_load:
      case sim::operation_kind::memory_read:
        return access_kind::read;
      case sim::operation_kind::compare_failure:
        return access_kind::failed_compare;
      case sim::operation_kind::mutex_lock:
      case sim::operation_kind::thread_join:
        return access_kind::acquire;
      case sim::operation_kind::mutex_unlock:
      case sim::operation_kind::thread_exit:
        return access_kind::release;
      case sim::operation_kind::shared_lock:
        return access_kind::acquire_shared;
      case sim::operation_kind::shared_unlock:
        return access_kind::release_shared;
      default:
        return access_kind::write;
    }
  }
  static constexpr std::uintptr_t key_of(const sim::event& what, std::uintptr_t object) noexcept {
    switch (what.kind) {
      // Threads are numbered in the order of their creation, which is thereby a state all creators change.
      case sim::operation_kind::thread_create:
        return all_threads;
      case sim::operation_kind::thread_exit:
        return thread_keys + what.thread;
      case sim::operation_kind::thread_join:
        return thread_keys + what.object;
      default:
        return object;
    }
  }
  static constexpr bool loads(sim::operation_kind kind) noexcept {
    return kind == sim::operation_kind::atomic_load || kind == sim::operation_kind::compare_failure;
  }
  static constexpr bool is_sequential(const sim::event& what) noexcept {
    const bool has_order = what.kind == sim::operation_kind::fence || loads(what.kind) || stores(what.kind);
    return has_order && what.detail == sim::sequential_detail;
  }
  static constexpr bool stores(sim::operation_kind kind) noexcept {
    return kind == sim::operation_kind::atomic_store || kind == sim::operation_kind::atomic_update;
  }

  bool is_announced(const sim::event& what) const noexcept {
    const bool failed = what.kind == sim::operation_kind::compare_failure;
    return what.object == announced_.object && (what.kind == announced_.kind || failed);
  }

  std::uintptr_t word_of(std::uintptr_t object) const noexcept { return by_words_ ? object | 7 : object; }
  void note_key(sim::object_id object, std::uintptr_t key) {
    if (object >= keys_.size()) keys_.resize(object + 1);
    keys_[object] = key;
  }
  // Whether the object has been stored to by other than seq_cst operations under weak memory.
  bool has_other_stores(std::uintptr_t object) const noexcept {
    return std::find(other_stores_.begin(), other_stores_.end(), object) != other_stores_.end();
  }

  const bool by_words_;
  std::vector<std::uintptr_t> keys_;          // of objects, by number
  std::vector<std::uintptr_t> other_stores_;  // objects, see has_other_stores
  sim::operation announced_;                  // what the running transition is to begin with
  bool is_announced_ = false;                 // and has not yet
};

}  // namespace heddle::check
