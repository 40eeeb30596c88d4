// What the race detector is told, and what is said of a race it finds.
#include "../races/call_tree.hpp"
#include "../races/thread_local_reach.hpp"
#include "execution.hpp"
#include "stack_slots.hpp"

#include <algorithm>
#include <string>

namespace heddle::sim {

namespace {

const char* verb_of(race_access kind) noexcept {
  switch (kind) {
    case race_access::read:
      return "read";
    case race_access::write:
      return "wrote";
    case race_access::free:
      return "freed";
    case race_access::atomic_load:
      return "atomically read";
    case race_access::atomic_store:
      return "atomically wrote";
  }
  return "?";
}

const char* noun_of(race_access kind) noexcept {
  switch (kind) {
    case race_access::read:
      return "read";
    case race_access::write:
      return "write";
    case race_access::free:
      return "freeing";
    case race_access::atomic_load:
      return "atomic read";
    case race_access::atomic_store:
      return "atomic write";
  }
  return "?";
}

std::string bytes_text(std::size_t size) {
  return std::to_string(size) + (size == 1 ? " byte" : " bytes");
}

// The arena and the stacks of virtual threads: what most accesses go to.
bool is_memory_of_executions(std::uintptr_t address) noexcept {
  const auto* const at = reinterpret_cast<const void*>(address);
  return arena::owns(at) || stack_slots::owns(at);
}

// Of memory that is freed, from its start.
constexpr std::size_t freed_bytes_observed = 256;

// Descriptors above are not compared.
constexpr std::size_t descriptors_observed = 1024;
// Nothing is stored here: the address of the granule with a descriptor's number stands for it.
alignas(shadow_memory::granule) constinit std::byte
    descriptor_granules[descriptors_observed * shadow_memory::granule]{};

std::uintptr_t granule_of_descriptor(int descriptor) noexcept {
  const auto number = static_cast<std::size_t>(descriptor);
  return reinterpret_cast<std::uintptr_t>(&descriptor_granules[0]) + number * shadow_memory::granule;
}

bool is_observed(int descriptor) noexcept {
  return descriptor >= 0 && static_cast<std::size_t>(descriptor) < descriptors_observed;
}

// -1 when the address does not stand for a descriptor.
int descriptor_at(std::uintptr_t address) noexcept {
  const std::uintptr_t place = address - granule_of_descriptor(0);
  return place < sizeof descriptor_granules ? static_cast<int>(place / shadow_memory::granule) : -1;
}

}  // namespace

// See deadlocks.cpp.
[[gnu::always_inline]] inline void execution::note_look(std::uint64_t written, std::uint64_t whose) noexcept {
  const std::uint64_t by = written & access_cell::stamp_bits;
  if (by == 0 || stamp::actor_of(by) == stamp::actor_of(whose)) return;
  // What it was made with is no news.
  const std::uint64_t begun = actor_owners_[stamp::actor_of(whose)].begun;
  if (stamp::actor_of(by) == stamp::actor_of(begun) && by <= begun) return;
  current_->looked = {.signals = unheard_signals_, .written = by};
}

void execution::observe_within_granule(const void* address, std::size_t size, race_access kind, std::uintptr_t pc) {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  const bool by_a_task = current_->own_stack != stack_accesses::of_the_actor;
  if (by_a_task && tls_.is_of(current_->tls, at)) return;
  const bool others_stack = !by_a_task || !is_own_stack(at);
  if (!others_stack && current_->own_stack == stack_accesses::not_compared) return;
  if (stack_slots::owns(address) && stack_slots::slot_around(at) != current_->slot) [[unlikely]]
    fail_if_stack_of_another_is_dead(at, kind, pc);
  const std::uint8_t bytes = bytes_of(at, size);
  if (others_stack && is_memory_of_executions(at)) [[likely]] {
    access_cell* const cell = races_.exact_cell(shadow_memory::cell_at(at), shadow_memory::execution_number(), bytes);
    if (cell != nullptr) {
      if (race_detector::repeats(*cell, bytes, stamp(), kind)) return;
      if (kind == race_access::read) note_look(cell->write, stamp());
      if (race_detector::is_alone(*cell, clock())) {
        return race_detector::enter_alone(
            *cell, {.stamp = stamp(), .bytes = bytes, .kind = kind, .place = places().place_of(*current_, pc)});
      }
    }
  }
  observe(address, size, kind, pc);
}

void execution::observe_free(const void* block, std::size_t size, std::uintptr_t pc) {
  const vector_clock& known = clock();
  auto at = reinterpret_cast<std::uintptr_t>(block);
  size = std::min(size, freed_bytes_observed);
  for (const std::uintptr_t end = at + size; at < end; at += shadow_memory::granule) {
    const access_cell& cell = shadow_memory::cell_at(at);
    if (cell.execution() != shadow_memory::execution_number()) continue;
    const std::size_t here = end - at < shadow_memory::granule ? end - at : shadow_memory::granule;
    if (!races_.free_races(cell, bytes_of(at, here), known)) continue;
    if (is_race_expected(at, here)) continue;
    const observed_access freeing{.stamp = 0, .bytes = bytes_of(at, here), .kind = race_access::free, .place = 0};
    fail_races(at, size, race_access::free, pc, races_.conflicts_of(cell, freeing, known));
  }
}

void execution::observe(const void* address, std::size_t size, race_access kind, std::uintptr_t pc) {
  auto at = reinterpret_cast<std::uintptr_t>(address);
  if (stack_slots::owns(address) && stack_slots::slot_around(at) != current_->slot) [[unlikely]]
    fail_if_stack_of_another_is_dead(at, kind, pc);
  if (!is_memory_of_executions(at) && tls_.is_shared(at)) [[unlikely]]
    return;
  std::uint64_t whose = stamp();
  if (current_->own_stack != stack_accesses::of_the_actor) {
    // The tasks that a thread polls one after the other share its variables.
    if (tls_.is_of(current_->tls, at)) return;
    if (is_own_stack(at)) {
      if (current_->own_stack == stack_accesses::not_compared) return;
      whose = model_.stamp_of(current_->stack_actor);
    }
  }
  observed_access now{.stamp = whose, .bytes = 0, .kind = kind, .place = 0};
  const vector_clock& known = clock();
  if (kind == race_access::atomic_load) current_->looked = {.signals = unheard_signals_, .written = 0};
  for (const std::uintptr_t end = at + size; at < end;) {
    const std::uintptr_t next = (at | 7) + 1;
    const std::size_t here = (next < end ? next : end) - at;
    now.bytes = bytes_of(at, here);
    access_cell& cell = shadow_memory::cell_at(at);
    const bool known_cells = cell.execution() == shadow_memory::execution_number();
    if (known_cells && kind == race_access::read) note_look(cell.write, whose);
    if (!known_cells || !races_.repeats_any(cell, now)) {
      if (now.place == 0) now.place = places().place_of(*current_, pc);
      if (races_.access(cell, shadow_memory::execution_number(), now, known)) {
        if (!is_race_expected(at, here) && fail_races(at, size, kind, pc, races_.conflicts_of(cell, now, known))) {
          races_.enter_beside(cell, shadow_memory::execution_number(), now, known);
        } else {
          // The order is the thread's, or of no interest: the access is the first that is known again.
          cell.read = 0;
          races_.access(cell, shadow_memory::execution_number(), now, known);
        }
      }
    }
    at = next;
  }
}

void execution::expect_races(const void* address, std::size_t size) {
  const auto begin = reinterpret_cast<std::uintptr_t>(address);
  expected_races_.push_back({.begin = begin, .end = begin + size});
}

bool execution::is_race_expected(std::uintptr_t address, std::size_t size) const noexcept {
  return std::ranges::any_of(expected_races_, [=](const byte_range& expected) {
    return expected.begin < address + size && address < expected.end;
  });
}

void execution::forget_expected_races(const arena::extent& memory) noexcept {
  std::erase_if(expected_races_,
                [&](const byte_range& expected) { return expected.begin - memory.address < memory.size; });
}

void execution::observe_descriptor(int descriptor, race_access kind, std::uintptr_t pc) {
  if (racing() == nullptr || !is_observed(descriptor)) return;
  observe(reinterpret_cast<const void*>(granule_of_descriptor(descriptor)), shadow_memory::granule, kind, pc);
  if (kind == race_access::write) forget_descriptor(descriptor);
}

void execution::forget_descriptor(int descriptor) noexcept {
  if (is_observed(descriptor)) shadow_memory::forget_cells(granule_of_descriptor(descriptor), shadow_memory::granule);
}

// What two tasks found by way of a thread's variables, while both ran on that thread, is not shared by them.
bool execution::is_the_threads_own(std::uintptr_t address) {
  const actor_owner& earlier = actor_owners_[races_.conflict().actor];
  if (earlier.task == 0 || actor_owners_[current_->actor].task == 0) return false;
  const auto& stays = tasks_[earlier.task - 1].stays;
  const auto later = std::ranges::upper_bound(stays, races_.conflict().time, {}, &task_stay::from);
  if (later == stays.begin() || std::prev(later)->thread != current_->id) return false;
  return thread_local_reach(execution_memory()).contains(tls_, current_->tls, address);
}

bool execution::is_own_stack(std::uintptr_t address) const noexcept {
  return address - reinterpret_cast<std::uintptr_t>(current_->stack_bottom) < current_->stack_size;
}

std::string execution::describe_address(std::uintptr_t address) const {
  if (arena::owns(reinterpret_cast<const void*>(address))) {
    return position_in(execution_memory().block_around(address), address);
  }
  for (const virtual_thread* thread : threads_) {
    if (address - reinterpret_cast<std::uintptr_t>(thread->stack_bottom) < thread->stack_size) {
      return "on the stack of thread " + std::to_string(thread->id);
    }
    if (tls_.is_of(thread->tls, address)) return "a thread_local variable of thread " + std::to_string(thread->id);
  }
  return "";
}

failure execution::race_of(std::uintptr_t address, std::size_t size, race_access kind) {
  const conflicting_access& earlier = races_.conflict();
  const auto touched = static_cast<std::size_t>(__builtin_popcount(earlier.bytes));
  const int descriptor = descriptor_at(address);
  const std::string other = name_of(earlier.actor);
  const std::string where = describe_address(address);
  const std::string what = descriptor >= 0 ? "end of descriptor " + std::to_string(descriptor)
                                           : std::string{noun_of(kind)} + " of " + bytes_text(size);
  failure made =
      make_failure(failure_kind::data_race, what + " by " + name_of(current_->actor) + " and " +
                                                (descriptor >= 0 ? "use" : noun_of(earlier.kind)) + " by " + other +
                                                ": nothing orders them" + (where.empty() ? where : "; " + where));
  if (descriptor < 0) made.address = address;
  made.related.push_back(
      {.title = other + ", where it " +
                (descriptor >= 0 ? "used the descriptor before"
                                 : std::string{verb_of(earlier.kind)} + " " + bytes_text(touched) + " of it before"),
       .stack = places().stack_at(earlier.place)});
  if (arena::owns(reinterpret_cast<const void*>(address))) add_allocation(made, address);
  return made;
}

bool execution::fail_races(std::uintptr_t address, std::size_t size, race_access kind, std::uintptr_t pc,
                           const host_vector<conflicting_access>& conflicts) {
  bool any = false;
  for (const conflicting_access& one : conflicts) {
    races_.look_at(one);
    if (is_the_threads_own(address)) continue;
    fail_race(address, size, kind, pc);
    any = true;
  }
  return any;
}

void execution::fail_race(std::uintptr_t address, std::size_t size, race_access kind, std::uintptr_t pc) {
  const std::uint32_t place = places().place_of(*current_, pc);
  const std::uint32_t earlier = races_.conflict().place;
  if (has_accepted(failure_kind::data_race, place, earlier)) return;
  set_inactive();
  current_->pc = pc;
  fail_unless_accepted(race_of(address, size, kind), place, earlier);
}

}  // namespace heddle::sim
