// Where accesses were made: call stacks as nodes of one tree, which the innermost frame's number stands for.
//
// How it works. A node is its parent and a return address; equal stacks are equal nodes. A thread remembers the nodes
// of its frames as far as they have not changed (virtual_thread::known_frames), so that an access costs one look-up
// for itself and one for each frame that has been entered since the last.
//
// Thread safety: the machine's OS thread only. Nothing is forgotten: a number stays good for the life of the process.
//
// Limits: nodes_max nodes, after which new places have the number 0 and reports say less; frames_max frames, the
// outermost, after which inner ones count as one.
#pragma once

#include "../machine/virtual_thread.hpp"

#include <cstdint>
#include <vector>

namespace heddle::sim {

class call_tree {
 public:
  // With room for a small program's places, so that executions seldom ask for more.
  call_tree() { nodes_.reserve(1U << 12); }

  static constexpr std::uint32_t nodes_max = 1U << 20;
  static constexpr std::size_t frames_max = 256;

  // The place of an access at `pc` by the thread.
  std::uint32_t place_of(virtual_thread& thread, std::uintptr_t pc) {
    if (thread.known_depth != thread.shadow_depth) [[unlikely]]
      extend(thread);
    return child(thread.known_frames.empty() ? 0 : thread.known_frames.back(), pc);
  }

  // The stack at a place, innermost first; empty for 0.
  std::vector<std::uintptr_t> stack_at(std::uint32_t place) const;

 private:
  struct node {
    std::uint32_t parent = 0;
    std::uintptr_t pc = 0;
  };

  std::uint32_t child(std::uint32_t parent, std::uintptr_t pc) {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = hash(parent, pc) & mask;; at = (at + 1) & mask) {
      const std::uint32_t number = slots_[at];
      if (number == 0) return add(at, parent, pc);
      if (nodes_[number].parent == parent && nodes_[number].pc == pc) [[likely]]
        return number;
    }
  }
  static std::size_t hash(std::uint32_t parent, std::uintptr_t pc) noexcept {
    return static_cast<std::size_t>(((pc ^ (std::uint64_t{parent} << 32)) * 0x9e3779b97f4a7c15U) >> 32);
  }
  std::uint32_t add(std::size_t slot, std::uint32_t parent, std::uintptr_t pc);
  void extend(virtual_thread& thread);

  host_vector<node> nodes_ = host_vector<node>(1);  // 0: no place
  host_vector<std::uint32_t> slots_ = host_vector<std::uint32_t>(1U << 13);
};

// The places of all executions of the process.
call_tree& places() noexcept;

}  // namespace heddle::sim
