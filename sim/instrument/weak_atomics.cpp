#include "weak_atomics.hpp"

#include <span>

namespace heddle::sim {

namespace {

std::uint64_t memory_at(atomic_word word) noexcept {
  switch (word.size) {
    case 1:
      return __atomic_load_n(static_cast<volatile std::uint8_t*>(word.address), __ATOMIC_RELAXED);
    case 2:
      return __atomic_load_n(static_cast<volatile std::uint16_t*>(word.address), __ATOMIC_RELAXED);
    case 4:
      return __atomic_load_n(static_cast<volatile std::uint32_t*>(word.address), __ATOMIC_RELAXED);
    default:
      return __atomic_load_n(static_cast<volatile std::uint64_t*>(word.address), __ATOMIC_RELAXED);
  }
}

void write_memory(atomic_word word, std::uint64_t value) noexcept {
  switch (word.size) {
    case 1:
      __atomic_store_n(static_cast<volatile std::uint8_t*>(word.address), static_cast<std::uint8_t>(value),
                       __ATOMIC_RELAXED);
      return;
    case 2:
      __atomic_store_n(static_cast<volatile std::uint16_t*>(word.address), static_cast<std::uint16_t>(value),
                       __ATOMIC_RELAXED);
      return;
    case 4:
      __atomic_store_n(static_cast<volatile std::uint32_t*>(word.address), static_cast<std::uint32_t>(value),
                       __ATOMIC_RELAXED);
      return;
    default:
      __atomic_store_n(static_cast<volatile std::uint64_t*>(word.address), value, __ATOMIC_RELAXED);
  }
}

// The history of the word, up to date with what is in memory.
store_history& history_at(execution& machine, atomic_word word) {
  store_history& history = machine.history_of(const_cast<const void*>(word.address), word.size);
  machine.model().refresh(history, memory_at(word));
  return history;
}

message& released_at(execution& machine, const volatile void* address) {
  return machine.object(const_cast<const void*>(address), object_kind::word).released;
}

// The place of the record that the operation reads or stands behind, one of `candidates()`.
template <typename Candidates>
std::uint32_t choose_place(execution& machine, const store_history& history, int order, choice_kind kind,
                           Candidates candidates) {
  if (machine.model().sees_newest(history, machine.current().actor, order)) [[likely]]
    return history.count - 1;
  const std::span<const std::uint32_t> places = candidates();
  return places[machine.choose(kind, static_cast<std::uint32_t>(places.size()))];
}

// A spinning thread may wait for a changed value, never for one written again.
void note_change(execution& machine, std::uint64_t before, std::uint64_t after) noexcept {
  if (before != after) machine.progress();
}

}  // namespace

bool reads_memory(execution& machine, atomic_word word, int order) {
  return machine.model().sees_newest(history_at(machine, word), machine.current().actor, order);
}

std::uint64_t load_weakly(execution& machine, atomic_word word, int order) {
  store_history& history = history_at(machine, word);
  memory_model& model = machine.model();
  const actor_id self = machine.current().actor;
  const std::uint32_t place = choose_place(machine, history, order, choice_kind::read_from,
                                           [&] { return model.readable(history, self, order); });
  return model.load(history, self, order, place);
}

void store_weakly(execution& machine, atomic_word word, std::uint64_t value, int order) {
  store_history& history = history_at(machine, word);
  memory_model& model = machine.model();
  const actor_id self = machine.current().actor;
  const std::uint32_t behind = choose_place(machine, history, order, choice_kind::store_place,
                                            [&] { return model.places(history, self, order); });
  note_change(machine, history.newest().value, value);
  if (model.store(history, self, order, value, behind)) write_memory(word, value);
}

weak_update begin_update(execution& machine, atomic_word word, int order) {
  store_history& history = history_at(machine, word);
  const std::uint32_t place = choose_place(machine, history, order, choice_kind::read_from, [&] {
    return machine.model().places(history, machine.current().actor, order);
  });
  return {.history = &history, .place = place, .before = history.records[place].value};
}

void finish_update(execution& machine, atomic_word word, const weak_update& begun, std::uint64_t after, int order) {
  note_change(machine, begun.before, after);
  const bool newest = machine.model().update(*begun.history, machine.current().actor, order, after, begun.place);
  if (newest) write_memory(word, after);
}

std::uint64_t compare_and_swap_weakly(execution& machine, atomic_word word, std::uint64_t expected,
                                      std::uint64_t desired, compare_orders orders) {
  store_history& history = history_at(machine, word);
  memory_model& model = machine.model();
  const actor_id self = machine.current().actor;
  const std::uint32_t place = choose_place(machine, history, orders.success, choice_kind::read_from,
                                           [&] { return model.comparable(history, self, orders.success, expected); });
  const std::uint64_t before = history.records[place].value;
  if (before != expected) return model.load(history, self, orders.failure, place);
  finish_update(machine, word, {.history = &history, .place = place, .before = before}, desired, orders.success);
  return before;
}

void synchronise_load(execution& machine, const volatile void* address, int order) {
  machine.model().load(machine.current().actor, order, released_at(machine, address));
}

void synchronise_store(execution& machine, const volatile void* address, int order) {
  machine.model().store(machine.current().actor, order, released_at(machine, address));
}

void synchronise_update(execution& machine, const volatile void* address, int order) {
  machine.model().update(machine.current().actor, order, released_at(machine, address));
}

}  // namespace heddle::sim
