// A hash of what happened in an execution and of the order of it as far as it matters: two executions that differ only
// in the order of independent operations have the same. They are then one Mazurkiewicz trace.
//
// How it works. An operation is hashed with its actor's last one and with the last change of its object; that of the
// execution is the sum over all operations. Operations that only look at an object do not change it: who looked before
// a change and who after it is told by the hashes of those who looked. Objects, threads and tasks need no names, which
// are given in the order of the interleaving: an actor begins with the hash of what its maker had done, and what it
// touches follows from what it did, saw, and was answered.
//
// The order of operations is that of their events. A seq_cst fence under weak memory is ordered with all seq_cst
// operations, and what a seq_cst load read of a word with other stores too later ones may not overlook: it counts as a
// change.
//
// The actors are threads, and on a runtime of several threads tasks: which worker polled a task, and what it polled
// before, does not matter there. See event_order.cpp.
//
// Source: Musuvathi and Qadeer, "Partial-Order Reduction for Context-Bounded State Exploration", 2007, for the sum.
//
// Limits: as in the exhaustive search, a lock that is tried is changed even where it is not taken, and so is a word by
// a compare-exchange that fails where it had several stores to read from; a load of an older store counts as after the
// newer ones it overlooked.
#pragma once

#include "heddle/hooks.hpp"
#include "heddle/sim/event.hpp"
#include "heddle/sim/operation.hpp"
#include "host_memory.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>

namespace heddle::sim {

// The hash of an actor's last operation.
using actor_path = std::uint64_t;

class order_hash {
 public:
  // Of threads whose makers tell nothing, since trusted code made them.
  static constexpr actor_path unmade = 1;

  void begin(granularity level) noexcept {
    changes_.assign(1, 0);
    sum_ = 0;
    opaque_ = level == granularity::task;
  }

  // Whether operations of that kind can count at all.
  static constexpr bool matters(operation_kind kind) noexcept { return effect_of(kind) != effect::none; }

  // An operation of the actor.
  void add(actor_path& actor, operation done, std::uint8_t detail) {
    effect kind = effect_of(done.kind);
    if (kind == effect::depends) kind = effect_of(done.kind, detail);
    if (kind == effect::none) return;
    const std::uint64_t what = static_cast<std::uint64_t>(done.kind) | std::uint64_t{detail} << 8;
    if (opaque_) [[unlikely]]
      return add_step(actor, what + (kind == effect::answer ? std::uint64_t{done.object} << 16 : 0));
    if (kind == effect::answer) return note(actor, actor + what + (std::uint64_t{done.object} << 16));
    if (done.object == 0 && done.kind != operation_kind::fence) return note(actor, actor + what);
    add(actor, actor + what, done, {.changes = kind == effect::changes, .sequential = detail == sequential_detail});
  }

  // Something that the actor does of which objects tell nothing, such as a poll.
  void add_step(actor_path& actor, std::uint64_t what) {
    if (!opaque_) return note(actor, actor + what);
    note(actor, actor + what + std::rotl(changes_[everything], object_turn));
    changes_[everything] = actor;
  }

  // Where one that the actor makes now begins.
  static actor_path path_of_made(actor_path& maker) noexcept {
    maker = mix(maker + made);
    return std::rotl(maker, 32);
  }

  std::uint64_t value() const noexcept { return sum_; }

 private:
  enum class effect : std::uint8_t {
    none,     // its order with others is no matter, or is told by theirs
    answer,   // to the actor: `object` is no object
    looks,    // at the object
    changes,  // it
    depends,  // on the detail
  };
  struct manner {
    bool changes;
    bool sequential;
  };

  // Stands for the order of all seq_cst operations, or, where operations do not tell what they touch, for all of them.
  static constexpr std::size_t everything = 0;
  // In the hash of a change: the word was stored to by other than seq_cst operations.
  static constexpr std::uint64_t has_other_stores = 1;
  static constexpr std::uint64_t made = 0x6d616465;
  // By which the summands of a hash are told apart.
  static constexpr int object_turn = 21;
  static constexpr int sequential_turn = 42;

  static constexpr effect effect_of(operation_kind kind) noexcept {
    switch (kind) {
      case operation_kind::none:
      case operation_kind::thread_start:
      case operation_kind::thread_create:
      case operation_kind::thread_join:
      case operation_kind::thread_exit:
      case operation_kind::yield:
      case operation_kind::sleep:
      case operation_kind::task_poll:
      case operation_kind::task_cancel:
        return effect::none;
      case operation_kind::choice:
        return effect::answer;
      case operation_kind::atomic_load:
      case operation_kind::compare_failure:
      case operation_kind::memory_read:
      case operation_kind::shared_lock:
      case operation_kind::shared_unlock:
        return effect::looks;
      case operation_kind::fence:
      case operation_kind::runtime_operation:
        return effect::depends;
      default:
        return effect::changes;
    }
  }
  static constexpr effect effect_of(operation_kind kind, std::uint8_t detail) noexcept {
    if (kind == operation_kind::fence) return detail == sequential_detail ? effect::changes : effect::none;
    switch (static_cast<hooks::operation>(detail)) {
      case hooks::operation::wake:  // of a task: those of several come to one poll
        return effect::looks;
      case hooks::operation::blocking:  // of a worker, as the next
      case hooks::operation::serve:
        return effect::none;
      default:
        return effect::changes;
    }
  }
  static constexpr bool stores(operation_kind kind) noexcept {
    return kind == operation_kind::atomic_store || kind == operation_kind::atomic_update;
  }
  static constexpr bool loads(operation_kind kind) noexcept {
    return kind == operation_kind::atomic_load || kind == operation_kind::compare_failure;
  }
  static std::uint64_t mix(std::uint64_t hash) noexcept {
    hash = (hash ^ hash >> 32) * 0x9fb21c651e98df25u;
    return hash ^ hash >> 29;
  }
  void note(actor_path& actor, std::uint64_t hash) noexcept {
    actor = mix(hash);
    sum_ += actor * (actor | 1);
  }
  // `hash`: of the operation, but for the order of its object.
  void add(actor_path& actor, std::uint64_t hash, operation done, manner how) {
    if (done.object >= changes_.size()) [[unlikely]]
      changes_.resize(2 * std::size_t{done.object});
    std::uint64_t& last = changes_[done.object];
    hash += std::rotl(last, object_turn);
    std::uint64_t others = last & has_other_stores;
    if (how.sequential) {
      hash += std::rotl(changes_[everything], sequential_turn);
      how.changes = how.changes || (others != 0 && loads(done.kind));
    } else if (stores(done.kind)) {
      others = has_other_stores;
    }
    note(actor, hash);
    if (how.changes) last = (actor & ~has_other_stores) | others;
  }

  host_vector<std::uint64_t> changes_;  // by object: the hash of its last change
  std::uint64_t sum_ = 0;
  bool opaque_ = false;
};

}  // namespace heddle::sim
