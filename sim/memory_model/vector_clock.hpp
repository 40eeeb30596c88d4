// Vector clocks: for every actor, up to which of its moments somebody knows what it did.
//
// A moment is an actor's own count of the times it published what it knew. Two things are known: what happened before,
// and what seq_cst fences made visible besides, which orders no plain accesses. The scalar beside them is the position
// of the last seq_cst fence that happened before, in the order of all seq_cst operations.
#pragma once

#include "../machine/host_memory.hpp"

#include <cstddef>
#include <cstdint>

namespace heddle::sim {

// A thread, or a task on a multi-thread runtime: whose doings the program's order orders. In order of creation.
using actor_id = std::uint16_t;

class vector_clock {
 public:
  // What happened before.
  std::uint32_t at(actor_id actor) const noexcept { return at(happened_, actor); }
  // What may not be overlooked.
  std::uint32_t visible_at(actor_id actor) const noexcept {
    const std::uint32_t happened = at(actor);
    if (shown_.empty()) [[likely]]
      return happened;
    const std::uint32_t shown = at(shown_, actor);
    return shown > happened ? shown : happened;
  }

  void set(actor_id actor, std::uint32_t time) {
    if (actor >= happened_.size()) happened_.resize(actor + std::size_t{1});
    happened_[actor] = time;
  }
  // Whether that told anything new.
  bool raise(actor_id actor, std::uint32_t time) {
    if (at(actor) >= time) return false;
    set(actor, time);
    return true;
  }

  // Whether that told anything new.
  bool join(const vector_clock& other) {
    bool changed = join(happened_, other.happened_);
    if (!other.shown_.empty()) changed |= join(shown_, other.shown_);
    if (other.fence_ > fence_) {
      fence_ = other.fence_;
      changed = true;
    }
    return changed;
  }
  // Adds what happened before according to the other, as visible only.
  void show(const vector_clock& other) { join(shown_, other.happened_); }
  // Adds all that the other knows, as visible only.
  void show_all(const vector_clock& other) {
    show(other);
    join(shown_, other.shown_);
    if (other.fence_ > fence_) fence_ = other.fence_;
  }
  void show(actor_id actor, std::uint32_t time) {
    if (actor >= shown_.size()) shown_.resize(actor + std::size_t{1});
    if (shown_[actor] < time) shown_[actor] = time;
  }
  // Adds what happened before according to the other, and nothing else of it.
  void join_happened(const vector_clock& other) { join(happened_, other.happened_); }

  void assign(const vector_clock& other) {
    happened_.assign(other.happened_.begin(), other.happened_.end());
    shown_.assign(other.shown_.begin(), other.shown_.end());
    fence_ = other.fence_;
  }
  void clear() noexcept {
    happened_.clear();
    shown_.clear();
    fence_ = 0;
  }

  std::uint32_t fence() const noexcept { return fence_; }
  void set_fence(std::uint32_t position) noexcept { fence_ = position; }

 private:
  using times = host_vector<std::uint32_t>;

  static std::uint32_t at(const times& some, actor_id actor) noexcept { return actor < some.size() ? some[actor] : 0; }
  static bool join(times& into, const times& from) {
    bool changed = false;
    if (from.size() > into.size()) into.resize(from.size());
    for (std::size_t actor = 0; actor < from.size(); ++actor) {
      if (from[actor] <= into[actor]) continue;
      into[actor] = from[actor];
      changed = true;
    }
    return changed;
  }

  times happened_;
  times shown_;
  std::uint32_t fence_ = 0;
};

}  // namespace heddle::sim
