// Faults as decisions: the test's own points, and allocations that fail where the test allows it; and the notes that
// reports tell of them and of cancellations.
//
// Each kind has a budget for an execution, so that what comes after a fault is still explored, and a place where
// nothing is left to decide costs a comparison.
#include "execution.hpp"
#include "heddle/sim/current.hpp"

namespace heddle::sim {

bool execution::fault_happens(const char* name) {
  if (faults_left_ == 0 || choose(choice_kind::fault, 2) == 0) return false;
  --faults_left_;
  note_mishap(mishap::what::fault, current_task(), name);
  return true;
}

bool execution::decide_allocation_failure() {
  if (choose(choice_kind::allocation_failure, 2) == 0) return false;
  --allocation_failures_left_;
  note_mishap(mishap::what::no_memory, current_task(), nullptr);
  return true;
}

// After the decision, which is the last event. Choices stand nowhere in the program, so their `pc` is free to say which
// of the mishaps this one is, from 1.
void execution::note_mishap(mishap::what kind, const task_record* task, const char* name) {
  const host_scope host;
  mishap& made = result_.mishaps.emplace_back();
  made.kind = kind;
  made.name = name == nullptr ? "" : name;
  last_events_[(events_ - 1) % last_events_capacity].pc = result_.mishaps.size();
  if (task == nullptr) return;
  made.task = task->id;
  made.awaiting.assign(task->awaiting.begin(), task->awaiting.end());
}

}  // namespace heddle::sim
