// What those do who only look again, seen over many of their turns.
//
// How it works. Where an endless execution is cut off is chance, and its last events are those of one thread as a rule:
// a strategy may let it have hundreds of turns in a row. So when nothing has changed for long, the execution goes on
// for a little, until everyone who can run has had as many turns as a loop may have points. Each turn is kept here
// once: what was announced, and the stack.
//
// Thread safety: the running virtual thread, outside of the execution.
#pragma once

#include "../machine/host_memory.hpp"
#include "heddle/sim/machine.hpp"
#include "heddle/sim/operation.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace heddle::sim {

class spin_watch {
 public:
  // Who looks: a task wherever it runs, or else a thread.
  struct looker {
    thread_id thread = no_thread;  // no_thread: a task
    std::uint32_t task = 0;
    host_vector<operation> operations;  // each once
    host_vector<call_stack> stacks;     // each once

    friend bool operator<(const looker& one, const looker& other) noexcept {
      return one.task != other.task ? one.task < other.task : one.thread < other.thread;
    }
  };

  bool has_begun() const noexcept { return begun_; }
  std::uint64_t first_step() const noexcept { return first_step_; }
  std::uint64_t turns_wanted() const noexcept { return turns_wanted_; }
  // Points of the thread's own when the watch began; none of a thread that is younger.
  std::uint64_t points_of(thread_id thread) const noexcept {
    return thread < points_.size() ? points_[thread] : std::uint64_t{0};
  }

  void reset() noexcept {
    begun_ = false;
    lookers_.clear();
    points_.clear();
  }
  void begin(std::uint64_t step, std::uint64_t turns_wanted) noexcept {
    begun_ = true;
    first_step_ = step;
    turns_wanted_ = turns_wanted;
  }
  void add_points(std::uint64_t points) { points_.push_back(points); }

  void see(thread_id thread, std::uint32_t task, const operation& announced, const call_stack& where) {
    looker& who = entry_of(task == 0 ? thread : no_thread, task);
    const auto is_announced = [&announced](const operation& one) {
      return one.kind == announced.kind && one.object == announced.object;
    };
    if (std::none_of(who.operations.begin(), who.operations.end(), is_announced)) who.operations.push_back(announced);
    const bool known = std::find(who.stacks.begin(), who.stacks.end(), where) != who.stacks.end();
    if (!known && who.stacks.size() < stacks_max) who.stacks.push_back(where);
  }

  // Threads first, each in the order of its number.
  host_vector<looker>& sorted() {
    std::sort(lookers_.begin(), lookers_.end());
    return lookers_;
  }

 private:
  static constexpr std::size_t stacks_max = 256;  // of one looker: a loop in which more places are is told by these

  looker& entry_of(thread_id thread, std::uint32_t task) {
    const auto known = std::find_if(lookers_.begin(), lookers_.end(), [thread, task](const looker& one) {
      return one.thread == thread && one.task == task;
    });
    if (known != lookers_.end()) return *known;
    return lookers_.emplace_back(looker{.thread = thread, .task = task, .operations = {}, .stacks = {}});
  }

  bool begun_ = false;
  std::uint64_t first_step_ = 0;    // of the execution, when the watch began
  std::uint64_t turns_wanted_ = 0;  // of each thread that can run
  host_vector<looker> lookers_;
  host_vector<std::uint64_t> points_;  // by thread
};

}  // namespace heddle::sim
