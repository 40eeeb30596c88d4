// C++20's memory model, run: which store an atomic load may return, and where a store may stand among the others.
//
// How it works. An execution is one interleaving, and every operation happens at its turn; but a load may return any
// store that coherence, happens-before and the order of seq_cst operations still allow, not only the newest, and a
// store may stand before others that its thread knows nothing of. The model lists what is allowed (`readable`,
// `places`), the machine asks the decision source, and the model does what was chosen.
//
// Happens-before is kept as vector clocks, of actors: threads, and tasks on a multi-thread runtime. Beside it stands
// what seq_cst fences made visible: it may no longer be overlooked, but orders no plain accesses.
//
// Invariants.
//   1. A record is known to a thread when the thread's clock has reached the moment at which somebody saw it; it then
//      reads nothing older, and stores nowhere before it.
//   2. The order of seq_cst operations, S in the standard, is that of their execution.
//   3. Nothing is stored between a record and the read-modify-write that read it.
//
// What it does not have: load buffering (a load never returns a store that is executed later), and consume, which is
// acquire. Words of 16 bytes are sequentially consistent. Two things are stricter than the standard, for programs
// whose progress depends on them: when the simulated clock moves, all stores become visible everywhere; and a thread
// reads the same outdated store a few times in a row at the most.
//
// Sources: ISO C++20 [intro.races], [atomics.order], [atomics.fences]; the marks of who has seen a store are those of
// Relacy (Vyukov, relacy/atomic.hpp); seq_cst fences as in Lahav et al., "Repairing Sequential Consistency in
// C/C++11", PLDI 2017, which C++20 adopted. Deviation from Relacy: stores may stand before others, fences make no
// happens-before, sights are sparse.
#pragma once

#include "../machine/host_memory.hpp"
#include "../memory/access_cell.hpp"
#include "store_history.hpp"

#include <span>

namespace heddle::sim {

// The orders of operations, as the compilers number them.
namespace order {
inline constexpr int relaxed = __ATOMIC_RELAXED;
inline constexpr int sequential = __ATOMIC_SEQ_CST;

constexpr bool acquires(int order) noexcept {
  return order == __ATOMIC_ACQUIRE || order == __ATOMIC_CONSUME || order == __ATOMIC_ACQ_REL || order == sequential;
}
constexpr bool releases(int order) noexcept {
  return order == __ATOMIC_RELEASE || order == __ATOMIC_ACQ_REL || order == sequential;
}
}  // namespace order

class memory_model {
 public:
  static constexpr std::uint32_t actors_max = 65'000;

  // With room for a small execution's records, so that it does not ask for more.
  memory_model() {
    actors_.reserve(16);
    sights_.reserve(1U << 10);
  }

  // Forgets everything: a new execution begins, with one actor, number 0.
  void reset();

  // --- edges of happens-before ---
  // A new actor that knows what its creator knows. REQUIRES: fewer than actors_max.
  actor_id create_actor(actor_id creator);
  actor_id actors() const noexcept { return static_cast<actor_id>(actors_created_ + 1); }
  const vector_clock& clock_of(actor_id actor) const noexcept { return actors_[actor].clock; }
  // The actor and its time as one word, see access_cell.
  std::uint64_t stamp_of(actor_id actor) const noexcept { return actors_[actor].stamp; }
  void acquire(actor_id actor, const message& from) {
    if (!contains(actors_[actor].clock, from)) learn(actor, from);
  }
  // Adds what the actor knows to what `into` tells.
  void release(actor_id actor, message& into);
  // Forgets what `into` told, and tells what the actor knows.
  void publish(actor_id actor, message& into);
  // The same with a clock of its owner's, to which any actor adds: cheaper than a message that is often added to.
  void acquire(actor_id actor, const vector_clock& from) {
    actor_state& self = actors_[actor];
    if (self.clock.join(from)) learned(self);
  }
  void release(actor_id actor, vector_clock& into) {
    into.join(actors_[actor].clock);
    tick(actor);
  }
  // What the actor does from here on is told apart from what it has done, although it tells nobody anything.
  void begin_moment(actor_id actor) { tick(actor); }
  // Whether what the actor learns from others orders nothing from now on; it sees their stores nevertheless.
  void set_ignores_order(actor_id actor, bool ignores) noexcept { actors_[actor].ignores_order = ignores; }
  // `who` knows what `of` has done so far. `of` must be an actor that tells nobody anything itself.
  void show(actor_id of, actor_id who) {
    actor_state& self = actors_[who];
    if (self.clock.raise(of, actors_[of].clock.at(of))) learned(self);
  }
  // The same, and what `of` does from here on is news to everybody else.
  void advance(actor_id of, actor_id who) {
    tick(of);
    show(of, who);
  }
  // Empties it.
  void drop(message& one) { messages_.drop(one); }
  void fence(actor_id actor, int order);
  // From here on every store so far is visible to everybody.
  void show_all() noexcept { shown_ = serial_; }

  // --- one atomic word without a history: sequentially consistent, but it tells what was released into it ---
  void load(actor_id actor, int order, const message& published) { take_in(actor, order, published); }
  void store(actor_id actor, int order, message& published);
  void update(actor_id actor, int order, message& published);

  // --- one atomic word ---
  // Makes the history begin with `value` if it is empty or its word has been written otherwise since.
  void refresh(store_history& word, std::uint64_t value) {
    if (word.count != 0 && word.newest().value == value) [[likely]]
      return;
    restart(word, value);
  }
  // Empties it.
  void forget(store_history& word) {
    while (word.count != 0) forget_oldest(word);
  }
  // Whether an operation may overlook nothing, so that there is one place only: the newest. The common case.
  bool sees_newest(const store_history& word, actor_id actor, int order) const noexcept {
    return visible(word.records[word.count - 1], actors_[actor].clock, order);
  }
  // The places of the records that a load may return, the newest first; never empty. Valid until the next call.
  std::span<const std::uint32_t> readable(const store_history& word, actor_id actor, int order);
  // Of those, the ones a compare-exchange may return: of several with the expected value, one that it can follow.
  std::span<const std::uint32_t> comparable(const store_history& word, actor_id actor, int order,
                                            std::uint64_t expected);
  // The places of the records behind which a store may stand, or which a read-modify-write may read; the newest first.
  std::span<const std::uint32_t> places(const store_history& word, actor_id actor, int order);

  std::uint64_t load(store_history& word, actor_id actor, int order, std::uint32_t place);
  // True when the store is the newest, and belongs into memory.
  bool store(store_history& word, actor_id actor, int order, std::uint64_t value, std::uint32_t behind);
  // Reads the record at `place`, and stores `value` behind it.
  bool update(store_history& word, actor_id actor, int order, std::uint64_t value, std::uint32_t place);

 private:
  // How often in a row a thread reads the same store although there is a newer one.
  static constexpr std::uint32_t repeats_max = 4;

  struct actor_state {
    vector_clock clock;
    std::uint64_t stamp = 0;
    message current;        // the clock as messages tell it; empty when it has changed since
    message fenced;         // what the last release fence published
    vector_clock unfenced;  // what relaxed loads read, for the next acquire fence
    bool has_unfenced = false;
    bool ignores_order = false;
  };

  actor_state& state_of(actor_id actor);
  bool knows(const vector_clock& clock, const store_record& record) const noexcept;
  // Whether the operation may not overlook the record.
  bool visible(const store_record& record, const vector_clock& clock, int order) const noexcept {
    if (record.first_seq_cst != 0 && (order == order::sequential || record.first_seq_cst <= clock.fence())) return true;
    if (record.serial <= shown_ || knows(clock, record)) return true;
    return order == order::sequential && knows(fences_, record);
  }
  bool reads_it_over_and_over(const store_record& record, actor_id actor) const noexcept;
  void note_sight(store_record& record, actor_id actor, bool outdated);
  void note_sequential(store_record& record, int order) noexcept;
  void take_in(actor_id actor, int order, const message& published);
  message carried_on(actor_id actor, int order, message own, const message& before);
  void read(store_history& word, actor_id actor, int order, std::uint32_t place);
  store_record& insert(store_history& word, std::uint32_t behind);
  void forget_oldest(store_history& word);
  void drop_sights(store_record& record);
  void restart(store_history& word, std::uint64_t value);
  message current_message(actor_id actor);
  message released_by_store(actor_id actor, int order);
  void learn(actor_id actor, const message& from);
  void learned(actor_state& self) { messages_.drop(self.current); }
  void tick(actor_id actor);
  message merged(const message& one, const message& other);
  bool contains(const vector_clock& clock, const message& one) const noexcept {
    return one.empty() || (one.sender != no_actor && clock.at(one.sender) >= one.time);
  }

  host_vector<actor_state> actors_;
  actor_id actors_created_ = 0;  // beside the first
  message_pool messages_;
  vector_clock fences_;  // what happened before any seq_cst fence
  host_vector<sight> sights_;
  std::uint32_t free_sight_ = 0;  // 1 + its place, or 0
  host_vector<std::uint32_t> candidates_;
  std::uint64_t serial_ = 0;      // of the last store
  std::uint64_t shown_ = 0;       // stores up to here are visible to everybody
  std::uint32_t sequential_ = 0;  // position of the last seq_cst operation
};

}  // namespace heddle::sim
