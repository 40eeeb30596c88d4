#include "minimise/minimiser.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <set>
#include <utility>

namespace heddle::check {

namespace {

// Rounds of taking away and prolonging; the second or third changes nothing any more.
constexpr int rounds_max = 8;
// Threads up to which each is tried in the place of each other.
constexpr std::size_t swapped_max = 8;
// Schedules of one preemption, if they are no more than this.
constexpr std::uint64_t single_preemptions_max = 600;
// Points by which one preemption is put off.
constexpr std::uint32_t put_off_max = 64;
// Operations of other threads that are tried as the other one of a pair.
constexpr std::size_t others_max = 16;

constexpr std::uint32_t until_it_waits = std::numeric_limits<std::uint32_t>::max();

bool looks_only(const sim::event& what) noexcept {
  return what.kind == sim::operation_kind::atomic_load || what.kind == sim::operation_kind::compare_failure ||
         what.kind == sim::operation_kind::memory_read;
}

bool is_of_tasks(const sim::event& what) noexcept {
  return what.kind == sim::operation_kind::task_poll || what.kind == sim::operation_kind::task_cancel ||
         what.kind == sim::operation_kind::runtime_operation;
}

// Whether the order of the two may matter.
bool conflict(const sim::event& a, const sim::event& b) noexcept {
  if (is_of_tasks(a) && is_of_tasks(b)) return true;
  const bool objects = sim::names_an_object(a.kind) && sim::names_an_object(b.kind);
  return objects && a.object != 0 && a.object == b.object && !(looks_only(a) && looks_only(b));
}

// The operation that the thread did after it had passed so many points; nothing if it did not come to it.
std::optional<sim::event> operation_of(const std::vector<placed_event>& events, sim::thread_id thread,
                                       std::uint32_t points) {
  for (const placed_event& one : events) {
    const bool told = one.what.kind != sim::operation_kind::choice && !sim::is_of_the_runtime(one.what);
    if (told && one.what.thread == thread && one.points == points) return one.what;
  }
  return std::nullopt;
}

}  // namespace

verdict minimiser::run(planned_source& source, sim::event_observer* observer) {
  if (stopped_ || runs_ >= runs_max_ || !goes_on_()) {
    stopped_ = true;
    return verdict::unusable;
  }
  ++runs_;
  const verdict how = run_(source, observer);
  stopped_ = how == verdict::unusable;
  return how;
}

bool minimiser::try_plan(plan candidate) {
  planned_source source(candidate);
  if (run(source, nullptr) != verdict::same || source.log().cost() > cost_) return false;
  cost_ = source.log().cost();
  best_ = std::move(candidate);
  return true;
}

template <typename Element>
bool minimiser::drop_from(std::vector<Element> plan::* list) {
  bool dropped = false;
  for (std::size_t piece = std::bit_ceil((best_.*list).size()); piece >= 1 && !stopped_; piece /= 2) {
    for (std::size_t end = (best_.*list).size(); end > 0 && !stopped_;) {
      const std::size_t begin = end > piece ? end - piece : 0;
      plan candidate = best_;
      auto& all = candidate.*list;
      all.erase(all.begin() + static_cast<std::ptrdiff_t>(begin), all.begin() + static_cast<std::ptrdiff_t>(end));
      dropped = try_plan(std::move(candidate)) || dropped;
      end = begin;
    }
  }
  return dropped;
}

bool minimiser::prolong_turns() {
  bool changed = false;
  for (std::size_t i = 0; i < best_.turns.size() && !stopped_; ++i) {
    if (best_.turns[i].until == until_it_waits) continue;
    const schedule_cost before = cost_;
    plan candidate = best_;
    candidate.turns[i].until = until_it_waits;
    changed = (try_plan(std::move(candidate)) && cost_ < before) || changed;
  }
  return changed;
}

bool minimiser::swap_threads() {
  bool changed = false;
  std::set<sim::thread_id> threads;
  for (const turn& one : best_.turns) threads.insert(one.thread);
  if (threads.size() > swapped_max) return false;
  for (const sim::thread_id one : threads) {
    for (const sim::thread_id other : threads) {
      if (other <= one) continue;
      const schedule_cost before = cost_;
      plan candidate = best_;
      for (turn& each : candidate.turns) {
        if (each.thread == one || each.thread == other) each.thread = each.thread == one ? other : one;
      }
      changed = (try_plan(std::move(candidate)) && cost_ < before) || changed;
    }
  }
  return changed;
}

// What has no part that can go may still not be the least: two threads that wait for each other can come to it in
// several ways.
void minimiser::try_single_preemptions() {
  if (cost_.preemptions < 2 || stopped_) return;
  planned_source source(best_);
  static_cast<void>(run(source, nullptr));
  const sim::thread_id threads = source.log().threads();
  std::uint64_t all = 0;
  for (sim::thread_id thread = 0; thread < threads; ++thread) all += source.log().points(thread);
  if (all * (threads - 1) > single_preemptions_max) return;
  for (sim::thread_id one = 0; one < threads; ++one) {
    for (std::uint32_t points = 1; points <= source.log().points(one); ++points) {
      for (sim::thread_id other = 0; other < threads && !stopped_; ++other) {
        if (other != one && try_plan({{{one, points}, {other, until_it_waits}}, best_.choices})) return;
      }
    }
  }
}

void minimiser::shrink() {
  for (int round = 0; round < rounds_max && !stopped_; ++round) {
    bool changed = drop_from(&plan::choices);
    changed = drop_from(&plan::turns) || changed;
    changed = prolong_turns() || changed;
    changed = swap_threads() || changed;
    if (!changed) break;
  }
  try_single_preemptions();
}

// The turn ends as late as it may.
void minimiser::put_off(std::size_t number) {
  for (std::uint32_t i = 0; i < put_off_max; ++i) {
    plan candidate = best_;
    ++candidate.turns[number].until;
    if (!try_plan(std::move(candidate))) return;
  }
}

// A shrunk plan may leave out the turn that is cut short, when it is the first one, and say of others only that they
// last until their thread waits.
std::vector<std::size_t> minimiser::spell_out() {
  planned_source source(best_);
  if (run(source, nullptr) != verdict::same) return {};
  const std::vector<turn> preempted = source.log().preempted();
  if (!try_plan(source.log().take_plan())) return {};
  std::vector<std::size_t> places;
  for (const turn& one : preempted) {
    const auto found = std::find(best_.turns.begin(), best_.turns.end(), one);
    if (found != best_.turns.end()) places.push_back(static_cast<std::size_t>(found - best_.turns.begin()));
  }
  return places;
}

std::optional<deciding_order> minimiser::find_deciding() {
  const std::vector<std::size_t> preempted = spell_out();
  // The last preemption is nearest to the failure.
  for (auto number = preempted.rbegin(); number != preempted.rend() && !stopped_; ++number) {
    put_off(*number);
    if (const auto found = find_deciding(*number)) return found;
  }
  return std::nullopt;
}

bool minimiser::passes_with(const std::vector<turn>& turns) {
  const plan other{turns, best_.choices};
  planned_source source(other);
  return run(source, nullptr) == verdict::passed;
}

std::optional<deciding_order> minimiser::find_deciding(std::size_t number) {
  const turn preempted = best_.turns[number];
  planned_source failing(best_);
  if (run(failing, &failing) != verdict::same) return std::nullopt;
  // What the preempted thread would have done next: seen where it does so.
  plan undisturbed = best_;
  ++undisturbed.turns[number].until;
  planned_source later(undisturbed);
  static_cast<void>(run(later, &later));
  const auto second = operation_of(later.events(), preempted.thread, preempted.until + 1);
  if (!second) return std::nullopt;

  const auto is_preemption = [&](const placed_event& one) {
    return one.what.thread == preempted.thread && one.points == preempted.until;
  };
  const auto& events = failing.events();
  const auto begin = std::find_if(events.rbegin(), events.rend(), is_preemption).base();
  std::size_t tried = 0;
  for (auto at = begin; at != events.end() && at->what.thread != preempted.thread && tried < others_max; ++at) {
    if (!conflict(at->what, *second)) continue;
    ++tried;
    // All as it was up to A, then B, then A and the rest.
    const auto rest = best_.turns.begin() + static_cast<std::ptrdiff_t>(number) + 1;
    std::vector<turn> turns(best_.turns.begin(), rest);
    const turn first{at->what.thread, at->points};
    for (auto before = begin; before != at; ++before) {
      const bool same_operation = before->what.thread == first.thread && before->points == first.until;
      if (!same_operation) turns.push_back({before->what.thread, before->points});
    }
    turns.push_back({preempted.thread, preempted.until + 1});
    turns.push_back(first);
    turns.insert(turns.end(), rest, best_.turns.end());
    if (passes_with(turns)) return deciding_order{at->what, *second};
  }
  return std::nullopt;
}

}  // namespace heddle::check
