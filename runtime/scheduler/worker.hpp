// One worker of the multi-thread scheduler: its queues and its loop.
//
// How it works. What a worker's tasks spawn comes into its LIFO slot and from there, when the next comes, into a deque
// of which it takes the newest: a job that divides itself is done depth first, with few tasks alive at a time. What was
// woken goes through the same slot into a queue of which it takes the oldest, and what yields into that queue at once.
// The queue and the oldest of the deque have their turns too, however much is spawned.
//
// One thread at a time runs a worker. That is the thread started for it until a task blocks in place: then the worker
// is handed over to a stand-in, and the thread that gave it away returns from `run` after the current poll.
//
// Thread safety. run, and everything it calls: the thread that runs the worker. steal_for: the thread that runs
// `thief`. has_queued, read, pulse, index and unpark: any thread.
#pragma once

#include "local_queue.hpp"
#include "random.hpp"
#include "work_stealing_deque.hpp"
#include "worker_counters.hpp"
#include "worker_parker.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace heddle::detail {

class multi_thread_scheduler;
class thread_context;

class worker {
 public:
  // Every so many turns the injection queue comes first, unless the settings say otherwise; if it is empty, the oldest
  // of the worker's own tasks does.
  static constexpr std::uint32_t global_queue_interval_default = 61;
  // Every so many turns the queue comes before what was spawned.
  static constexpr std::uint32_t queue_interval = 8;
  // How many tasks in a row may come from the LIFO slot before the queue has its turn.
  static constexpr std::uint32_t lifo_polls_max = 3;
  // How many references to the scheduler are taken and given back at once.
  static constexpr std::size_t references_at_once = 64;
  // How many numbers for tasks are drawn at once.
  static constexpr std::uint64_t ids_at_once = 64;

  worker(multi_thread_scheduler& owner, std::size_t index);

  // Runs tasks until the scheduler shuts down or the worker is handed over. Does nothing if another thread runs it.
  void run() noexcept;
  // If nobody runs the worker, empties its queues. REQUIRES: the scheduler shuts down.
  void drain_if_free() noexcept;
  // Lets a stand-in run the worker, and the thread whose context is `here` be without one. Throws std::system_error,
  // with nothing changed. REQUIRES: the thread runs the worker.
  void hand_over(thread_context& here);
  // Runs the worker on this thread again, unless the stand-in has begun. REQUIRES: handed over by this thread.
  void take_back(thread_context& here) noexcept;
  void unpark() noexcept { parker_.unpark(); }
  std::size_t index() const noexcept { return index_; }

  // Takes over a notification. REQUIRES: called on the thread that runs the worker.
  void push(task_header& task, schedule_hint hint) noexcept;

  // Whether the task that was polled and yields is polled again at once: there is nothing else to do here. REQUIRES:
  // called on the thread that runs the worker.
  [[nodiscard]] bool goes_on_after_yield() noexcept;

  // A reference to the scheduler for a new task, and its number. REQUIRES: called on the thread that runs the worker,
  // as the next.
  [[nodiscard]] task_id lend_reference_and_id() noexcept;
  void take_back_reference() noexcept;

  // Moves half of what was spawned to `thief`, or else half of its queue, and returns one of them; null if there is
  // nothing. REQUIRES: called on the thread that runs `thief`, which has no work.
  task_header* steal_for(worker& thief) noexcept;
  bool has_queued() const noexcept { return !spawned_.is_empty() || !queue_.is_empty(); }
  void read(worker_metrics& numbers) const noexcept;
  worker_pulse pulse() const noexcept { return counters_.pulse(); }

 private:
  // acq_rel: what one thread did to the worker is seen by the next.
  [[nodiscard]] bool try_begin() noexcept { return !is_run_.exchange(true, std::memory_order_acq_rel); }
  void leave() noexcept { is_run_.store(false, std::memory_order_release); }
  // False: the worker was handed over meanwhile, and must not be touched.
  [[nodiscard]] bool run_task(task_header& task, const thread_context& here) noexcept;
  [[nodiscard]] bool poll(task_header& task, const thread_context& here) noexcept;
  // This thread runs the worker from here on.
  void begin_counting() noexcept;
  void check_timers();
  void park();
  void drain() noexcept;
  // No task runs here any more.
  void end() noexcept;
  bool transition_from_parked() noexcept;
  void push_back(task_header& task) noexcept;
  void put_off(task_header& task, bool is_new) noexcept;
  void put_last(task_header& task) noexcept;
  [[nodiscard]] bool moves(task_header& task) noexcept;
  task_header* next_task() noexcept;
  task_header* take_oldest() noexcept;
  task_header* before_slot(task_header& task) noexcept;
  task_header* take_injected() noexcept;
  task_header* steal() noexcept;
  void notify() noexcept;
  void notify_if_much() noexcept;
  bool has_work() const noexcept { return lifo_slot_ != nullptr || has_queued(); }

  multi_thread_scheduler& owner_;
  const std::size_t index_;
  spawn_deque spawned_;
  local_queue queue_;
  worker_parker parker_;
  std::atomic<bool> is_run_{false};  // set by the thread that begins to run it, cleared when it is handed over

  // Of the thread that runs the worker.
  task_header* lifo_slot_ = nullptr;
  bool is_slot_new_ = false;          // the task in the slot has just been spawned
  std::size_t spare_references_ = 0;  // to the scheduler, for tasks that are to come
  std::uint64_t next_id_ = 0;         // of a new task; drawn are those up to end_of_ids_
  std::uint64_t end_of_ids_ = 0;
  const std::uint32_t event_interval_;
  const std::uint32_t global_queue_interval_;
  std::uint32_t until_timers_;                  // turns until the timers are looked at
  std::uint32_t until_injection_;               // turns until the injection queue comes first
  std::uint32_t until_queue_ = queue_interval;  // turns until the queue does
  bool is_searching_ = false;                   // counted as such in idle_workers
  bool is_parking_ = false;                     // tasks that the timers wake now are announced after the park
  bool leaves_injected_ = false;                // it gave a task away, which is for another worker
  bool has_to_move_ = false;                    // the observer wants the task that yields on another worker
  victim_random random_;
  worker_counters counters_;
};

}  // namespace heddle::detail
