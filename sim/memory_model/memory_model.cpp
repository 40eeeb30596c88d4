#include "memory_model.hpp"

#include <algorithm>

namespace heddle::sim {

void memory_model::reset() {
  for (actor_state& one : actors_) {
    one.clock.clear();
    one.current = one.fenced = {};
    one.has_unfenced = one.ignores_order = false;
  }
  messages_.reset();
  fences_.clear();
  sights_.clear();
  free_sight_ = 0;
  serial_ = shown_ = 0;
  sequential_ = 0;
  actors_created_ = 0;
  static_cast<void>(state_of(0));
  tick(0);
}

memory_model::actor_state& memory_model::state_of(actor_id actor) {
  if (actor >= actors_.size()) actors_.resize(actor + std::size_t{1});
  return actors_[actor];
}

// ---------------------------------------------------------------- happens-before

void memory_model::tick(actor_id actor) {
  actor_state& self = actors_[actor];
  const std::uint32_t time = self.clock.at(actor) + 1;
  self.clock.set(actor, time);
  self.stamp = stamp::make(actor, time);
}

message memory_model::current_message(actor_id actor) {
  actor_state& self = actors_[actor];
  if (self.current.empty()) {
    self.current = {.clock = messages_.take(), .sender = actor, .time = 0};
    messages_[self.current.clock].assign(self.clock);
  }
  self.current.time = self.clock.at(actor);
  return messages_.hold(self.current);
}

message memory_model::merged(const message& one, const message& other) {
  const message result{.clock = messages_.take(), .sender = no_actor, .time = 0};
  vector_clock& clock = messages_[result.clock];
  clock.assign(messages_[one.clock]);
  clock.join(messages_[other.clock]);
  for (const message& part : {one, other}) {
    if (part.sender != no_actor) clock.raise(part.sender, part.time);
  }
  return result;
}

actor_id memory_model::create_actor(actor_id creator) {
  const actor_id created = ++actors_created_;
  actor_state& child = state_of(created);
  child.clock.assign(actors_[creator].clock);
  tick(created);
  tick(creator);
  return created;
}

void memory_model::learn(actor_id actor, const message& from) {
  actor_state& self = actors_[actor];
  if (self.ignores_order) [[unlikely]] {
    self.clock.show_all(messages_[from.clock]);
    if (from.sender != no_actor) self.clock.show(from.sender, from.time);
    return learned(self);
  }
  bool changed = self.clock.join(messages_[from.clock]);
  if (from.sender != no_actor) changed |= self.clock.raise(from.sender, from.time);
  if (changed) learned(self);
}

void memory_model::publish(actor_id actor, message& into) {
  message told = current_message(actor);
  std::swap(told, into);
  messages_.drop(told);
  tick(actor);
}

void memory_model::release(actor_id actor, message& into) {
  if (contains(actors_[actor].clock, into)) return publish(actor, into);
  message told = current_message(actor);
  message both = merged(told, into);
  messages_.drop(told);
  messages_.drop(into);
  into = both;
  tick(actor);
}

void memory_model::fence(actor_id actor, int order) {
  actor_state& self = actors_[actor];
  if (order::acquires(order) && self.has_unfenced) {
    if (self.ignores_order) {
      self.clock.show_all(self.unfenced);
      learned(self);
    } else if (self.clock.join(self.unfenced)) {
      learned(self);
    }
    self.has_unfenced = false;
  }
  if (order == order::sequential) {
    self.clock.show(fences_);
    fences_.join_happened(self.clock);
    self.clock.set_fence(++sequential_);
    learned(self);
  }
  if (order::releases(order)) publish(actor, self.fenced);
}

// ---------------------------------------------------------------- what is allowed

bool memory_model::knows(const vector_clock& clock, const store_record& record) const noexcept {
  if (record.is_initial()) return true;
  if (clock.visible_at(record.writer) >= record.time) return true;
  for (std::uint32_t at = record.sights; at != 0; at = sights_[at - 1].next) {
    const sight& seen = sights_[at - 1];
    if (clock.visible_at(seen.actor) >= seen.time) return true;
  }
  return false;
}

bool memory_model::reads_it_over_and_over(const store_record& record, actor_id actor) const noexcept {
  for (std::uint32_t at = record.sights; at != 0; at = sights_[at - 1].next) {
    if (sights_[at - 1].actor == actor) return sights_[at - 1].repeats >= repeats_max;
  }
  return false;
}

std::span<const std::uint32_t> memory_model::readable(const store_history& word, actor_id actor, int order) {
  candidates_.clear();
  const vector_clock& clock = actors_[actor].clock;
  for (std::uint32_t place = word.count; place-- > 0;) {
    const store_record& record = word.records[place];
    const bool newest = place + 1 == word.count;
    if (newest || !reads_it_over_and_over(record, actor)) candidates_.push_back(place);
    if (visible(record, clock, order)) break;
  }
  return candidates_;
}

std::span<const std::uint32_t> memory_model::comparable(const store_history& word, actor_id actor, int order,
                                                        std::uint64_t expected) {
  readable(word, actor, order);
  std::erase_if(candidates_, [&](std::uint32_t place) {
    const store_record& record = word.records[place];
    return record.value == expected && record.taken;
  });
  return candidates_;
}

std::span<const std::uint32_t> memory_model::places(const store_history& word, actor_id actor, int order) {
  candidates_.clear();
  const vector_clock& clock = actors_[actor].clock;
  for (std::uint32_t place = word.count; place-- > 0;) {
    const store_record& record = word.records[place];
    if (!record.taken) candidates_.push_back(place);
    if (visible(record, clock, order)) break;
  }
  return candidates_;
}

// ---------------------------------------------------------------- records

void memory_model::drop_sights(store_record& record) {
  while (record.sights != 0) {
    sight& one = sights_[record.sights - 1];
    const std::uint32_t next = one.next;
    one.next = free_sight_;
    free_sight_ = record.sights;
    record.sights = next;
  }
}

void memory_model::forget_oldest(store_history& word) {
  store_record& oldest = word.records[0];
  drop_sights(oldest);
  messages_.drop(oldest.published);
  std::move(word.records.begin() + 1, word.records.begin() + word.count, word.records.begin());
  --word.count;
}

// What was published stays: who wrote otherwise is trusted code, which counts references of values that it shares with
// users, and a read-modify-write carries on the release sequence. (Who begins another object here knows the old one.)
void memory_model::restart(store_history& word, std::uint64_t value) {
  const message kept = word.count != 0 ? messages_.hold(word.records[word.count - 1].published) : message{};
  forget(word);
  word.records[0] = {};
  word.records[0].value = value;
  word.records[0].published = kept;
  word.count = 1;
}

// REQUIRES: behind < word.count
store_record& memory_model::insert(store_history& word, std::uint32_t behind) {
  std::uint32_t at = behind + 1;
  if (word.count == store_history::stores_max) {
    forget_oldest(word);
    --at;
  }
  std::move_backward(word.records.begin() + at, word.records.begin() + word.count,
                     word.records.begin() + word.count + 1);
  ++word.count;
  word.records[at] = {};
  return word.records[at];
}

void memory_model::note_sight(store_record& record, actor_id actor, bool outdated) {
  std::uint32_t at = record.sights;
  while (at != 0 && sights_[at - 1].actor != actor) at = sights_[at - 1].next;
  if (at == 0) {
    at = free_sight_;
    if (at != 0) {
      free_sight_ = sights_[at - 1].next;
    } else {
      sights_.emplace_back();
      at = static_cast<std::uint32_t>(sights_.size());
    }
    sights_[at - 1] = {.actor = actor, .time = actors_[actor].clock.at(actor), .repeats = 0, .next = record.sights};
    record.sights = at;
  }
  if (outdated) ++sights_[at - 1].repeats;
}

void memory_model::note_sequential(store_record& record, int order) noexcept {
  if (order != order::sequential) return;
  ++sequential_;
  if (record.first_seq_cst == 0) record.first_seq_cst = sequential_;
}

// ---------------------------------------------------------------- operations

void memory_model::read(store_history& word, actor_id actor, int order, std::uint32_t place) {
  store_record& record = word.records[place];
  actor_state& self = actors_[actor];
  const bool outdated = place + 1 != word.count;
  // Whoever learns from this actor that it knows the record already need not be told that it read it.
  if (outdated || !knows(self.clock, record)) note_sight(record, actor, outdated);
  note_sequential(record, order);
  take_in(actor, order, record.published);
}

// What a load learns, at once or at the next acquire fence.
void memory_model::take_in(actor_id actor, int order, const message& published) {
  actor_state& self = actors_[actor];
  if (contains(self.clock, published)) return;
  if (order::acquires(order)) return learn(actor, published);
  if (!self.has_unfenced) self.unfenced.clear();
  self.unfenced.join(messages_[published.clock]);
  if (published.sender != no_actor) self.unfenced.raise(published.sender, published.time);
  self.has_unfenced = true;
}

std::uint64_t memory_model::load(store_history& word, actor_id actor, int order, std::uint32_t place) {
  read(word, actor, order, place);
  return word.records[place].value;
}

// What a read-modify-write publishes: its own, and what the store before it did, the release sequence.
message memory_model::carried_on(actor_id actor, int order, message own, const message& before) {
  if (before.empty() || (order::releases(order) && contains(actors_[actor].clock, before))) return own;
  if (own.empty()) return messages_.hold(before);
  const message both = merged(own, before);
  messages_.drop(own);
  return both;
}

void memory_model::store(actor_id actor, int order, message& published) {
  messages_.drop(published);
  published = released_by_store(actor, order);
  if (order::releases(order)) tick(actor);
}

void memory_model::update(actor_id actor, int order, message& published) {
  take_in(actor, order, published);
  message before = published;
  published = carried_on(actor, order, released_by_store(actor, order), before);
  messages_.drop(before);
  if (order::releases(order)) tick(actor);
}

// What a store of the actor publishes.
message memory_model::released_by_store(actor_id actor, int order) {
  if (!order::releases(order)) return messages_.hold(actors_[actor].fenced);
  return current_message(actor);
}

bool memory_model::store(store_history& word, actor_id actor, int order, std::uint64_t value, std::uint32_t behind) {
  const bool newest = behind + 1 == word.count;
  store_record& record = insert(word, behind);
  record.value = value;
  record.serial = ++serial_;
  record.writer = actor;
  record.time = actors_[actor].clock.at(actor);
  record.published = released_by_store(actor, order);
  note_sequential(record, order);
  if (order::releases(order)) tick(actor);
  return newest;
}

bool memory_model::update(store_history& word, actor_id actor, int order, std::uint64_t value, std::uint32_t place) {
  read(word, actor, order, place);
  message before = messages_.hold(word.records[place].published);
  word.records[place].taken = true;
  const std::uint32_t dropped = word.count == store_history::stores_max ? 1 : 0;
  const bool newest = store(word, actor, order, value, place);
  store_record& record = word.records[place + 1 - dropped];
  record.published = carried_on(actor, order, record.published, before);
  messages_.drop(before);
  return newest;
}

}  // namespace heddle::sim
