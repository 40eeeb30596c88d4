#include "strategies/exhaustive/exhaustive.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace heddle::check {

bool exhaustive_strategy::begin(std::uint64_t index) noexcept {
  std::size_t kept = 0;
  repeats_ = begun_ && index == index_;
  if (!begun_) {
    begun_ = true;
    nodes_.emplace_back();
    nodes_.front().tree.emplace_back();
  } else {
    trace_.finish();
    if (repeats_) {
      kept = nodes_.size();
    } else {
      analyse();
      if (!backtrack()) return false;
      kept = fresh_from_;
    }
  }
  index_ = index;
  trace_.restart(kept);
  position_ = 1;
  choice_ = 0;
  left_ = false;
  patience_.reset();
  return true;
}

// ---------------------------------------------------------------- running

// Goes on with the running thread, or else with the next in turn. no_thread if all are asleep.
sim::thread_id exhaustive_strategy::default_thread(const std::vector<sleeper>& asleep,
                                                   const sim::scheduling_point& point) {
  const auto sleeps = [&asleep](sim::thread_id thread) {
    return std::any_of(asleep.begin(), asleep.end(), [thread](const sleeper& one) { return one.thread == thread; });
  };
  const bool may_stay = point.current_runnable && !sleeps(point.current);
  if (may_stay && !patience_.ends_with(point.current, point.next[point.current])) return point.current;
  sim::thread_id best = sim::no_thread;
  const auto turns_until = [&point](sim::thread_id thread) { return thread - point.current - 1; };  // modulo 2^32
  for (const sim::thread_id thread : point.runnable) {
    if (sleeps(thread)) continue;
    if (best == sim::no_thread || turns_until(thread) < turns_until(best)) best = thread;
  }
  return best;
}

// Appends the state that was reached; null if all that could be done there has been explored.
exhaustive_strategy::node* exhaustive_strategy::extend(const sim::scheduling_point& point) {
  node& parent = nodes_.back();
  const accesses& touched = trace_.transitions()[nodes_.size() - 1].touched;
  node fresh;
  for (const sleeper& one : parent.sleep) {
    if (!conflict(one.next, touched)) fresh.sleep.push_back(one);
  }
  fresh.tree = std::move(parent.tree.front().next);
  parent.tree.front().next.clear();
  // A sequence was seen after other answers to the choices on the way, and may have no place after these: what can be
  // done here is explored all the same, from the default on.
  std::erase_if(fresh.tree, [&point](const wakeup_branch& one) {
    return std::find(point.runnable.begin(), point.runnable.end(), one.step.thread) == point.runnable.end();
  });
  if (fresh.tree.empty()) {
    fresh.thread = default_thread(fresh.sleep, point);
    if (fresh.thread == sim::no_thread) return nullptr;
    fresh.tree.push_back({{fresh.thread, {}, {}}, {}});
  } else {
    fresh.thread = fresh.tree.front().step.thread;
    fresh.planned = fresh.tree.front().step.answers;
  }
  return &nodes_.emplace_back(std::move(fresh));
}

// The rest of this execution tells nothing.
sim::thread_id exhaustive_strategy::leave(const sim::scheduling_point& point, std::uint64_t& counter) {
  left_ = true;
  trace_.stop();
  if (!repeats_) ++counter;
  return default_thread({}, point);
}

sim::thread_id exhaustive_strategy::choose_thread(const sim::scheduling_point& point) noexcept {
  if (left_) return default_thread({}, point);
  trace_.arrive(point);
  const node* const at = position_ < nodes_.size() ? &nodes_[position_] : extend(point);
  if (at == nullptr) return leave(point, redundant_);
  if (std::find(point.runnable.begin(), point.runnable.end(), at->thread) == point.runnable.end()) {
    nodes_.resize(position_);
    return leave(point, astray_);
  }
  ++position_;
  choice_ = 0;
  trace_.start(at->thread, point);
  return at->thread;
}

std::uint32_t exhaustive_strategy::choose(sim::choice_kind kind, std::uint32_t candidates) noexcept {
  if (left_) return 0;
  node& at = nodes_[position_ - 1];
  const std::size_t number = choice_++;
  if (number < at.choices.size()) return at.choices[number].answer;
  const bool planned = number < at.planned.size() && at.planned[number] < candidates;
  at.choices.push_back({kind, planned ? at.planned[number] : 0, candidates, 1});
  return at.choices.back().answer;
}

std::optional<decision_record> exhaustive_strategy::decisions() const {
  decision_record record;
  for (std::size_t number = 0; number < nodes_.size(); ++number) {
    const transition& one = trace_.transitions()[number];
    if (one.asked && one.stays) record.add_stay();
    if (one.asked && !one.stays) record.add_thread(one.thread);
    for (const choice_made& choice : nodes_[number].choices) record.add_choice(choice.kind, choice.answer);
  }
  return record;
}

std::optional<double> exhaustive_strategy::explored() const {
  double share = 0;
  double each = 1;  // of the executions that begin as this one did up to here
  const auto add = [&](std::uint32_t done, std::size_t all) {
    each /= static_cast<double>(all);
    share += each * done;
  };
  for (const node& one : nodes_) {
    add(one.done, one.done + one.tree.size());
    for (const choice_made& choice : one.choices) add(choice.tried - 1, choice.candidates);
  }
  return share + each;
}

// ---------------------------------------------------------------- between executions

void exhaustive_strategy::analyse() {
  const std::span<transition> followed = trace_.transitions().first(nodes_.size());
  for (const race& found : races_.find(followed, static_cast<std::uint32_t>(fresh_from_))) note_reversal(found);
}

// What the second of two transitions that race may touch when it comes first. What that is in fact is known when it has
// run.
accesses exhaustive_strategy::touched_before(const transition& first, const transition& second) {
  accesses touched = second.touched;
  for (access& one : touched) {
    const auto conflicts = [&one](const access& other) { return conflict(one, other); };
    if (one.kind == access_kind::failed_compare && std::any_of(first.touched.begin(), first.touched.end(), conflicts))
      one.kind = access_kind::write;
  }
  // It may take another way, from where it comes to what the first one left.
  if (second.is_composite) add_access(touched, any_access);
  return touched;
}

void exhaustive_strategy::note_reversal(const race& found) {
  const std::span<const transition> all = trace_.transitions();
  const transition& first = all[found.first];
  const transition& second = all[found.second];
  std::vector<std::uint32_t> members;  // of the sequence, by place
  wakeup_sequence sequence;
  const auto answers_of = [this](std::uint32_t number) {
    std::vector<std::uint32_t> answers;
    for (const choice_made& choice : nodes_[number].choices) answers.push_back(choice.answer);
    return answers;
  };
  const auto add = [&](std::uint32_t number, accesses touched, const transition_clock& before) {
    std::vector<std::uint32_t> earlier;
    for (std::uint32_t place = 0; place < members.size(); ++place) {
      if (before.contains(all[members[place]].thread, members[place])) earlier.push_back(place);
    }
    sequence.add({all[number].thread, std::move(touched), answers_of(number)}, std::move(earlier));
    members.push_back(number);
  };
  transition_clock before_second = second.before;
  for (std::uint32_t number = found.first + 1; number < found.second; ++number) {
    if (all[number].clock.contains(first.thread, found.first)) continue;
    if (conflict(all[number].touched, second.touched)) before_second.join(all[number].clock);
    add(number, all[number].touched, all[number].clock);
  }
  add(found.second, touched_before(first, second), before_second);

  node& at = nodes_[found.first];
  at.tree.front().step.touched = first.touched;
  const bool covered = std::any_of(at.sleep.begin(), at.sleep.end(), [&sequence](const sleeper& one) {
    return sequence.may_begin_with(one.thread, one.next);
  });
  if (!covered) insert(at.tree, std::move(sequence));
}

bool exhaustive_strategy::next_choice(node& last) {
  while (!last.choices.empty()) {
    choice_made& choice = last.choices.back();
    if (choice.tried < choice.candidates) {
      ++choice.tried;
      choice.answer = (choice.answer + 1) % choice.candidates;
      return true;
    }
    last.choices.pop_back();
  }
  return false;
}

bool exhaustive_strategy::next_branch(node& last) {
  last.sleep.push_back({last.thread, std::move(last.explored)});
  last.explored.clear();
  last.tree.erase(last.tree.begin());
  ++last.done;
  if (last.tree.empty()) return false;
  last.thread = last.tree.front().step.thread;
  last.planned = last.tree.front().step.answers;
  return true;
}

bool exhaustive_strategy::backtrack() {
  for (; !nodes_.empty(); nodes_.pop_back()) {
    node& last = nodes_.back();
    const accesses& touched = trace_.transitions()[nodes_.size() - 1].touched;
    if (last.explored.empty()) {
      last.explored = touched;
    } else {
      for (const access& one : touched) add_access(last.explored, one);
    }
    if (!next_choice(last) && !next_branch(last)) continue;
    fresh_from_ = nodes_.size() - 1;
    return true;
  }
  return false;
}

}  // namespace heddle::check
