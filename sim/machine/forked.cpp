// Processes that the program forks, from inside an execution.
//
// How it works. `fork` is let through: what another process does is no decision. The new process goes on on its copy of
// the machine, as the one thread that a fork leaves. It ends as a real process does, and what fails there is told on
// standard error, followed by an abort: nobody would read the result of its execution.
//
// Limit: the two processes run at the same time, as the system likes. What they tell each other is not a function of
// the schedule.
#include "execution.hpp"

#include <algorithm>

namespace heddle::sim {

namespace {

// The machine's source and observer may be shared with the process that explores.
class first_candidate final : public decision_source {
 public:
  thread_id choose_thread(const scheduling_point& point) noexcept override {
    // In turn, so that threads that spin do not keep the others from running.
    return point.runnable[turn_++ % point.runnable.size()];
  }
  std::uint32_t choose(choice_kind, std::uint32_t) noexcept override { return 0; }

 private:
  std::size_t turn_ = 0;
};

}  // namespace

void execution::become_forked() {
  static constinit first_candidate source;
  forked_ = true;
  source_ = &source;
  observer_ = nullptr;
  may_tell_ = false;
  set_touches_told(false);
  show_thread();
  exiting_ = nullptr;
  set_fatal_handler(nullptr);
  for (thread_id id = 0; id < threads_.size(); ++id) {
    virtual_thread* const thread = thread_by_id(id);
    if (thread == nullptr || thread == current_ || thread->state == run_state::finished) continue;
    if (thread->state == run_state::runnable) run_queue_.remove(*thread);
    if (thread->queue != nullptr) thread->queue->remove(*thread);
    timers_.remove(*thread);
    thread->state = run_state::finished;
  }
}

void execution::let_through(const char* call) {
  set_inactive();
  std::vector<std::string>& calls = result_.let_through;
  if (std::find(calls.begin(), calls.end(), call) == calls.end()) calls.emplace_back(call);
  set_active();
}

}  // namespace heddle::sim
