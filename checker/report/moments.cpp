#include "report/moments.hpp"

#include "heddle/hooks.hpp"
#include "heddle/sim/decision.hpp"
#include "report/collect.hpp"
#include "report/mishaps.hpp"
#include "report/repeated_places.hpp"
#include "symbols/names.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include <fmt/format.h>

namespace heddle::check {

namespace {

const char* name_of(hooks::operation kind) {
  switch (kind) {
    case hooks::operation::spawn:
      return "spawn";
    case hooks::operation::wake:
      return "wake";
    case hooks::operation::poll:
      return "poll";
    case hooks::operation::abort:
      return "abort";
    case hooks::operation::join:
      return "join";
    case hooks::operation::timer:
      return "timer";
    case hooks::operation::channel_send:
      return "channel send";
    case hooks::operation::channel_receive:
      return "channel receive";
    case hooks::operation::channel_close:
      return "channel close";
    case hooks::operation::lock:
      return "async acquire";
    case hooks::operation::unlock:
      return "async release";
    case hooks::operation::blocking:
      return "blocking call";
    case hooks::operation::shutdown:
      return "runtime shutdown";
    case hooks::operation::serve:
    case hooks::operation::other:
      break;
  }
  return "runtime operation";
}

constexpr std::string_view outdated_read = "reads an older store";

// A choice that went the way it always goes: the newest store, no spurious wakeup.
bool is_the_usual_answer(const sim::event& one) {
  if (one.kind != sim::operation_kind::choice) return false;
  switch (static_cast<sim::choice_kind>(one.detail)) {
    case sim::choice_kind::steal_victim:
    case sim::choice_kind::idle_worker:
    case sim::choice_kind::task_move:
      return true;  // which worker runs a task is seen where it runs
    case sim::choice_kind::test:
    case sim::choice_kind::select_order:
    case sim::choice_kind::wake_order:
    case sim::choice_kind::timer_tie:
      return false;
    default:
      return one.object == 0;
  }
}

std::string operation_of(const sim::event& what) {
  if (what.kind == sim::operation_kind::runtime_operation) return name_of(static_cast<hooks::operation>(what.detail));
  if (what.kind != sim::operation_kind::choice) return sim::name_of(what.kind);
  const auto kind = static_cast<sim::choice_kind>(what.detail);
  return kind == sim::choice_kind::read_from ? std::string(outdated_read) : sim::name_of(kind);
}

moment moment_of(const sim::event& one, symbolizer& symbols) {
  const bool has_place = one.kind != sim::operation_kind::choice;
  moment result{one.thread, describe(one), has_place ? symbols.user_place(one.pc) : place{}};
  result.task = one.task;
  result.time_ns = one.now;
  result.operation = operation_of(one);
  result.object = one.object;
  return result;
}

// Operations on tasks say on which, and a spawn where it stands: the runtime was told.
class task_names {
 public:
  explicit task_names(std::span<const sim::spawned_task> spawned) {
    for (const sim::spawned_task& one : spawned) {
      by_object_[one.object] = &one;
      if (one.spawn != 0) by_object_[one.spawn] = &one;
    }
  }

  void tell(const sim::event& one, moment& when) const {
    if (one.kind != sim::operation_kind::runtime_operation || one.object == 0) return;
    const auto found = by_object_.find(one.object);
    if (found == by_object_.end()) return;
    const sim::spawned_task& task = *found->second;
    when.operation += " of task";
    when.object = task.id;
    when.what = fmt::format("{} {}", when.operation, task.id);
    if (!task.name.empty()) when.what += fmt::format(" ({})", task.name);
    const bool spawns = static_cast<hooks::operation>(one.detail) == hooks::operation::spawn;
    if (spawns && when.where.file.empty() && task.spawned_at.file != nullptr) {
      when.where = place_of(task.spawned_at);
      when.where.function = short_name(when.where.function);
    }
  }

 private:
  std::map<sim::object_id, const sim::spawned_task*> by_object_;
};

// Who does something: a task wherever it runs, or else a thread.
using actor = std::pair<std::uint32_t, sim::thread_id>;

actor actor_of(const sim::event& one) {
  const std::uint32_t task = one.kind == sim::operation_kind::task_poll ? one.object : one.task;
  return task != 0 ? actor{task, 0} : actor{0, one.thread};
}

bool is_access_of_the_runtime(hooks::operation kind) {
  switch (kind) {
    case hooks::operation::lock:
    case hooks::operation::unlock:
      return true;
    default:
      return false;
  }
}

bool is_access(const sim::event& one) {
  switch (one.kind) {
    case sim::operation_kind::runtime_operation:
      return is_access_of_the_runtime(static_cast<hooks::operation>(one.detail));
    case sim::operation_kind::atomic_load:
    case sim::operation_kind::atomic_store:
    case sim::operation_kind::atomic_update:
    case sim::operation_kind::compare_failure:
    case sim::operation_kind::fence:
    case sim::operation_kind::mutex_lock:
    case sim::operation_kind::mutex_trylock:
    case sim::operation_kind::mutex_unlock:
    case sim::operation_kind::shared_lock:
    case sim::operation_kind::shared_trylock:
    case sim::operation_kind::shared_unlock:
    case sim::operation_kind::once:
    case sim::operation_kind::memory_read:
    case sim::operation_kind::memory_write:
    case sim::operation_kind::futex_wait:
    case sim::operation_kind::futex_wake:
      return true;
    default:
      return false;
  }
}

// Those that change nothing another one could see.
bool is_read(sim::operation_kind kind) {
  return kind == sim::operation_kind::atomic_load || kind == sim::operation_kind::compare_failure ||
         kind == sim::operation_kind::memory_read;
}

bool takes_a_lock(sim::operation_kind kind) {
  return kind == sim::operation_kind::mutex_lock || kind == sim::operation_kind::shared_lock;
}

bool counts_references(const std::vector<frame>& frames) {
  return std::any_of(frames.begin(), frames.end(), [](const frame& one) {
    return one.function.find("_Sp_counted_base") != std::string::npos ||
           one.function.find("__shared_count") != std::string::npos ||
           one.function.find("__weak_count") != std::string::npos;
  });
}

// Tells which events of an execution can have to do with what went wrong.
class relevance {
 public:
  relevance(std::span<const sim::event> events, symbolizer& symbols) : symbols_(symbols) {
    for (const sim::event& one : events) {
      placed_ = placed_ || !symbols_.user_place(one.pc).file.empty();
      if (!is_access(one)) continue;
      users& its = objects_[one.object];
      its.actors.insert(actor_of(one));
      its.changed = its.changed || !is_read(one.kind);
      its.held = takes_a_lock(one.kind);
    }
  }

  bool operator()(const sim::event& one) {
    switch (one.kind) {
      case sim::operation_kind::choice:
      case sim::operation_kind::thread_exit:
      case sim::operation_kind::task_cancel:
        return true;
      case sim::operation_kind::thread_start:
        return false;  // its first step shows it
      case sim::operation_kind::task_poll:
        return moves(one);
      case sim::operation_kind::runtime_operation:
        return decides(static_cast<hooks::operation>(one.detail)) || (is_access(one) && is_shared(one));
      default:
        break;
    }
    if (!stands_in_users_code(one)) return false;
    if (!is_access(one)) return true;
    return !counts_references(symbols_.resolve(one.pc)) && is_shared(one);
  }

 private:
  struct users {
    std::set<actor> actors;
    bool changed = false;
    bool held = false;  // a lock, to the end: others may wait for it
  };

  // Without debug information nothing has a place.
  bool stands_in_users_code(const sim::event& one) { return !placed_ || !symbols_.user_place(one.pc).file.empty(); }

  static bool decides(hooks::operation kind) {
    switch (kind) {
      case hooks::operation::spawn:
      case hooks::operation::abort:
      case hooks::operation::timer:
      case hooks::operation::blocking:
      case hooks::operation::channel_send:
      case hooks::operation::channel_receive:
      case hooks::operation::channel_close:
        return true;
      default:
        return false;
    }
  }

  bool is_shared(const sim::event& one) const {
    const auto its = objects_.find(one.object);
    if (its == objects_.end()) return false;
    return one.object == 0 || its->second.held || (its->second.actors.size() > 1 && its->second.changed);
  }

  // A task that goes on elsewhere.
  bool moves(const sim::event& poll) {
    const auto [last, first] = last_thread_.try_emplace(poll.object, poll.thread);
    const bool moved = !first && last->second != poll.thread;
    last->second = poll.thread;
    return moved;
  }

  symbolizer& symbols_;
  std::map<sim::object_id, users> objects_;
  std::map<std::uint32_t, sim::thread_id> last_thread_;  // of each task, at its last poll
  bool placed_ = false;
};

std::vector<sim::event> shown(std::span<const sim::event> events) {
  std::vector<sim::event> result;
  std::remove_copy_if(events.begin(), events.end(), std::back_inserter(result),
                      [](const sim::event& one) { return sim::is_of_the_runtime(one) || is_the_usual_answer(one); });
  return result;
}

std::vector<sim::event> what_matters(const std::vector<sim::event>& events, symbolizer& symbols) {
  relevance matters(events, symbols);
  std::vector<sim::event> result;
  std::copy_if(events.begin(), events.end(), std::back_inserter(result), std::ref(matters));
  return result.empty() ? events : result;
}

bool looks_the_same(const moment& one, const moment& other) {
  return one.thread == other.thread && one.task == other.task && one.what == other.what && one.where == other.where;
}

}  // namespace

std::vector<moment> collect_timeline(const std::vector<sim::event>& events, symbolizer& symbols,
                                     std::span<const sim::mishap> mishaps, std::span<const sim::spawned_task> spawned) {
  const task_names names(spawned);
  const std::vector<sim::event> chosen = what_matters(shown(events), symbols);
  std::vector<moment> timeline;  // newest first
  for (auto one = chosen.rbegin(); one != chosen.rend(); ++one) {
    moment now = moment_of(*one, symbols);
    names.tell(*one, now);
    if (one->kind == sim::operation_kind::choice && one->pc - 1 < mishaps.size()) tell(mishaps[one->pc - 1], now);
    if (one->kind == sim::operation_kind::task_poll) {
      now.task = one->object;
      now.what = fmt::format("goes on on thread {}", one->thread);
    }
    // A loop that was unrolled is in several places of the code, and in one of the source.
    if (!timeline.empty() && looks_the_same(now, timeline.back())) {
      ++timeline.back().times;
    } else if (timeline.size() < timeline_max) {
      timeline.push_back(std::move(now));
    } else {
      break;
    }
  }
  std::reverse(timeline.begin(), timeline.end());
  return timeline;
}

moment collect_moment(const sim::event& one, symbolizer& symbols, std::span<const sim::spawned_task> spawned) {
  moment result = moment_of(one, symbols);
  task_names(spawned).tell(one, result);
  return result;
}

std::vector<moment> collect_history(std::span<const sim::event> events, symbolizer& symbols,
                                    std::span<const sim::spawned_task> spawned) {
  const task_names names(spawned);
  std::vector<sim::event> chosen = shown(events);
  if (chosen.size() > history_max) {
    chosen.erase(chosen.begin(), chosen.end() - static_cast<std::ptrdiff_t>(history_max));
  }
  std::vector<moment> history;
  history.reserve(chosen.size());
  for (const sim::event& one : chosen) {
    history.push_back(moment_of(one, symbols));
    names.tell(one, history.back());
  }
  return history;
}

void trim_reporting(const finding& what, std::vector<moment>& timeline) {
  if (what.kind != finding_kind::assertion || what.where.file.empty()) return;
  const auto is_of_the_report = [&what](const moment& one) {
    return one.thread == what.thread && one.where.file.empty() && !one.what.starts_with(outdated_read);
  };
  while (!timeline.empty() && is_of_the_report(timeline.back())) timeline.pop_back();
}

void leave_out_rounds(const finding& what, std::vector<moment>& timeline) {
  if (what.kind != finding_kind::livelock) return;
  const std::vector<place> repeated = repeated_places(what);
  const std::set<place> rounds(repeated.begin(), repeated.end());
  std::erase_if(timeline, [&rounds](const moment& one) {
    return rounds.contains(one.where) || one.operation == sim::name_of(sim::operation_kind::task_poll);
  });
}

std::string describe(const sim::event& what) {
  if (what.kind == sim::operation_kind::choice) {
    const auto kind = static_cast<sim::choice_kind>(what.detail);
    if (kind == sim::choice_kind::read_from) return fmt::format("{} ({} back)", outdated_read, what.object);
    if (kind == sim::choice_kind::store_place) return fmt::format("stands before {} newer", what.object);
    return fmt::format("{} = {}", sim::name_of(kind), what.object);
  }
  std::string text = operation_of(what);
  if (what.object != 0) text += fmt::format(" #{}", what.object);
  return text;
}

}  // namespace heddle::check
