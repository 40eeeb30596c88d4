#include "memory_model.hpp"

#include <algorithm>

namespace heddle::sim {

void memory_model::reset() {
  for (thread_state& one : threads_) {
    one.clock.clear();
    one.current = one.fenced = {};
    one.has_unfenced = false;
  }
  messages_.reset();
  fences_.clear();
  sights_.clear();
  free_sight_ = 0;
  serial_ = shown_ = 0;
  sequential_ = 0;
  state_of(0).clock.set(0, 1);
}

memory_model::thread_state& memory_model::state_of(thread_id thread) {
  if (thread >= threads_.size()) threads_.resize(thread + 1);
  return threads_[thread];
}

// ---------------------------------------------------------------- happens-before

void memory_model::tick(thread_id thread) {
  vector_clock& clock = threads_[thread].clock;
  clock.set(thread, clock.at(thread) + 1);
}

message memory_model::current_message(thread_id thread) {
  thread_state& self = threads_[thread];
  if (self.current.empty()) {
    self.current = {.clock = messages_.take(), .sender = thread, .time = 0};
    messages_[self.current.clock].assign(self.clock);
  }
  self.current.time = self.clock.at(thread);
  return messages_.hold(self.current);
}

message memory_model::merged(const message& one, const message& other) {
  const message result{.clock = messages_.take(), .sender = no_thread, .time = 0};
  vector_clock& clock = messages_[result.clock];
  clock.assign(messages_[one.clock]);
  clock.join(messages_[other.clock]);
  for (const message& part : {one, other}) {
    if (part.sender != no_thread) clock.raise(part.sender, part.time);
  }
  return result;
}

void memory_model::create_thread(thread_id creator, thread_id created) {
  thread_state& child = state_of(created);
  child.clock.assign(threads_[creator].clock);
  child.clock.set(created, 1);
  tick(creator);
}

void memory_model::learn(thread_id thread, const message& from) {
  thread_state& self = threads_[thread];
  bool changed = self.clock.join(messages_[from.clock]);
  if (from.sender != no_thread) changed |= self.clock.raise(from.sender, from.time);
  if (changed) learned(self);
}

void memory_model::publish(thread_id thread, message& into) {
  message told = current_message(thread);
  std::swap(told, into);
  messages_.drop(told);
  tick(thread);
}

void memory_model::release(thread_id thread, message& into) {
  if (contains(threads_[thread].clock, into)) return publish(thread, into);
  message told = current_message(thread);
  message both = merged(told, into);
  messages_.drop(told);
  messages_.drop(into);
  into = both;
  tick(thread);
}

void memory_model::fence(thread_id thread, int order) {
  thread_state& self = threads_[thread];
  if (order::acquires(order) && self.has_unfenced) {
    if (self.clock.join(self.unfenced)) learned(self);
    self.has_unfenced = false;
  }
  if (order == order::sequential) {
    const vector_clock before = self.clock;
    self.clock.join(fences_);
    fences_.join(before);
    self.clock.set_fence(++sequential_);
    learned(self);
  }
  if (order::releases(order)) publish(thread, self.fenced);
}

// ---------------------------------------------------------------- what is allowed

bool memory_model::knows(const vector_clock& clock, const store_record& record) const noexcept {
  if (record.is_initial()) return true;
  if (clock.at(record.writer) >= record.time) return true;
  for (std::uint32_t at = record.sights; at != 0; at = sights_[at - 1].next) {
    const sight& seen = sights_[at - 1];
    if (clock.at(seen.thread) >= seen.time) return true;
  }
  return false;
}

bool memory_model::reads_it_over_and_over(const store_record& record, thread_id thread) const noexcept {
  for (std::uint32_t at = record.sights; at != 0; at = sights_[at - 1].next) {
    if (sights_[at - 1].thread == thread) return sights_[at - 1].repeats >= repeats_max;
  }
  return false;
}

std::span<const std::uint32_t> memory_model::readable(const store_history& word, thread_id thread, int order) {
  candidates_.clear();
  const vector_clock& clock = threads_[thread].clock;
  for (std::uint32_t place = word.count; place-- > 0;) {
    const store_record& record = word.records[place];
    const bool newest = place + 1 == word.count;
    if (newest || !reads_it_over_and_over(record, thread)) candidates_.push_back(place);
    if (visible(record, clock, order)) break;
  }
  return candidates_;
}

std::span<const std::uint32_t> memory_model::comparable(const store_history& word, thread_id thread, int order,
                                                        std::uint64_t expected) {
  readable(word, thread, order);
  std::erase_if(candidates_, [&](std::uint32_t place) {
    const store_record& record = word.records[place];
    return record.value == expected && record.taken;
  });
  return candidates_;
}

std::span<const std::uint32_t> memory_model::places(const store_history& word, thread_id thread, int order) {
  candidates_.clear();
  const vector_clock& clock = threads_[thread].clock;
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

void memory_model::restart(store_history& word, std::uint64_t value) {
  forget(word);
  word.records[0] = {};
  word.records[0].value = value;
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

void memory_model::note_sight(store_record& record, thread_id thread, bool outdated) {
  std::uint32_t at = record.sights;
  while (at != 0 && sights_[at - 1].thread != thread) at = sights_[at - 1].next;
  if (at == 0) {
    at = free_sight_;
    if (at != 0) {
      free_sight_ = sights_[at - 1].next;
    } else {
      sights_.emplace_back();
      at = static_cast<std::uint32_t>(sights_.size());
    }
    sights_[at - 1] = {
        .thread = thread, .time = threads_[thread].clock.at(thread), .repeats = 0, .next = record.sights};
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

void memory_model::read(store_history& word, thread_id thread, int order, std::uint32_t place) {
  store_record& record = word.records[place];
  thread_state& self = threads_[thread];
  const bool outdated = place + 1 != word.count;
  // Whoever learns from this thread that it knows the record already need not be told that it read it.
  if (outdated || !knows(self.clock, record)) note_sight(record, thread, outdated);
  note_sequential(record, order);
  if (contains(self.clock, record.published)) return;
  if (order::acquires(order)) return acquire(thread, record.published);
  if (!self.has_unfenced) self.unfenced.clear();
  self.unfenced.join(messages_[record.published.clock]);
  if (record.published.sender != no_thread) self.unfenced.raise(record.published.sender, record.published.time);
  self.has_unfenced = true;
}

std::uint64_t memory_model::load(store_history& word, thread_id thread, int order, std::uint32_t place) {
  read(word, thread, order, place);
  return word.records[place].value;
}

// What a store of `thread` publishes.
message memory_model::released_by_store(thread_id thread, int order) {
  if (!order::releases(order)) return messages_.hold(threads_[thread].fenced);
  return current_message(thread);
}

bool memory_model::store(store_history& word, thread_id thread, int order, std::uint64_t value, std::uint32_t behind) {
  const bool newest = behind + 1 == word.count;
  store_record& record = insert(word, behind);
  record.value = value;
  record.serial = ++serial_;
  record.writer = thread;
  record.time = threads_[thread].clock.at(thread);
  record.published = released_by_store(thread, order);
  note_sequential(record, order);
  if (order::releases(order)) tick(thread);
  return newest;
}

bool memory_model::update(store_history& word, thread_id thread, int order, std::uint64_t value, std::uint32_t place) {
  read(word, thread, order, place);
  // A read-modify-write carries on what the store before it published: the release sequence.
  message before = messages_.hold(word.records[place].published);
  word.records[place].taken = true;
  const std::uint32_t dropped = word.count == store_history::stores_max ? 1 : 0;
  const bool newest = store(word, thread, order, value, place);
  store_record& record = word.records[place + 1 - dropped];
  const bool carried = order::releases(order) && contains(threads_[thread].clock, before);
  if (!before.empty() && !carried) {
    if (record.published.empty()) {
      record.published = messages_.hold(before);
    } else {
      message both = merged(record.published, before);
      messages_.drop(record.published);
      record.published = both;
    }
  }
  messages_.drop(before);
  return newest;
}

}  // namespace heddle::sim
