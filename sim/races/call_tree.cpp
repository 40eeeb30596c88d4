#include "call_tree.hpp"

#include "../machine/never_destroyed.hpp"

#include <span>

namespace heddle::sim {

namespace {
// Not a local static: its guard would be the execution's business.
never_destroyed<call_tree> all_places;
}  // namespace

call_tree& places() noexcept {
  return all_places.value;
}

std::uint32_t call_tree::add(std::size_t slot, std::uint32_t parent, std::uintptr_t pc) {
  if (nodes_.size() == nodes_max) return 0;
  const auto number = static_cast<std::uint32_t>(nodes_.size());
  nodes_.push_back({.parent = parent, .pc = pc});
  slots_[slot] = number;
  if (nodes_.size() * 2 <= slots_.size()) return number;
  slots_.assign(slots_.size() * 2, 0);
  for (std::uint32_t one = 1; one < nodes_.size(); ++one) {
    std::size_t at = hash(nodes_[one].parent, nodes_[one].pc) & (slots_.size() - 1);
    while (slots_[at] != 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = one;
  }
  return number;
}

// Brings the known frames up to the thread's call sites. Those below known_depth have not been left since.
void call_tree::extend(virtual_thread& thread) {
  const std::span<const std::uintptr_t> sites = thread.call_sites();
  if (thread.known_frames.size() > thread.known_depth) thread.known_frames.resize(thread.known_depth);
  thread.known_depth = thread.shadow_depth;
  for (std::size_t frame = thread.known_frames.size(); frame < sites.size() && frame < frames_max; ++frame) {
    const std::uint32_t parent = frame == 0 ? 0 : thread.known_frames.back();
    thread.known_frames.push_back(child(parent, sites[frame]));
  }
}

std::vector<std::uintptr_t> call_tree::stack_at(std::uint32_t place) const {
  std::vector<std::uintptr_t> stack;
  for (; place != 0; place = nodes_[place].parent) stack.push_back(nodes_[place].pc);
  return stack;
}

}  // namespace heddle::sim
