#include "heddle/sim/decision.hpp"
#include "heddle/sim/operation.hpp"

namespace heddle::sim {

const char* name_of(operation_kind kind) noexcept {
  switch (kind) {
    case operation_kind::none:
      return "nothing";
    case operation_kind::thread_start:
      return "thread start";
    case operation_kind::thread_create:
      return "thread create";
    case operation_kind::thread_join:
      return "thread join";
    case operation_kind::thread_exit:
      return "thread exit";
    case operation_kind::yield:
      return "yield";
    case operation_kind::sleep:
      return "sleep";
    case operation_kind::atomic_load:
      return "atomic load";
    case operation_kind::atomic_store:
      return "atomic store";
    case operation_kind::atomic_update:
      return "atomic update";
    case operation_kind::compare_failure:
      return "failed compare-exchange";
    case operation_kind::fence:
      return "fence";
    case operation_kind::mutex_lock:
      return "mutex lock";
    case operation_kind::mutex_trylock:
      return "mutex try-lock";
    case operation_kind::mutex_unlock:
      return "mutex unlock";
    case operation_kind::shared_lock:
      return "shared lock";
    case operation_kind::shared_trylock:
      return "shared try-lock";
    case operation_kind::shared_unlock:
      return "shared unlock";
    case operation_kind::condition_wait:
      return "condition wait";
    case operation_kind::condition_notify:
      return "condition notify";
    case operation_kind::futex_wait:
      return "futex wait";
    case operation_kind::futex_wake:
      return "futex wake";
    case operation_kind::semaphore_wait:
      return "semaphore wait";
    case operation_kind::semaphore_post:
      return "semaphore post";
    case operation_kind::barrier_wait:
      return "barrier wait";
    case operation_kind::once:
      return "once";
    case operation_kind::memory_read:
      return "read";
    case operation_kind::memory_write:
      return "write";
    case operation_kind::runtime_operation:
      return "runtime operation";
    case operation_kind::task_poll:
      return "task poll";
    case operation_kind::task_cancel:
      return "task drop";
    case operation_kind::choice:
      return "choice";
  }
  return "?";
}

const char* name_of(choice_kind kind) noexcept {
  switch (kind) {
    case choice_kind::wake_order:
      return "wake order";
    case choice_kind::timer_tie:
      return "timer tie";
    case choice_kind::steal_victim:
      return "steal victim";
    case choice_kind::idle_worker:
      return "idle worker";
    case choice_kind::select_order:
      return "select order";
    case choice_kind::task_move:
      return "task move";
    case choice_kind::read_from:
      return "read from";
    case choice_kind::store_place:
      return "store place";
    case choice_kind::weak_failure:
      return "weak failure";
    case choice_kind::spurious_wakeup:
      return "spurious wakeup";
    case choice_kind::early_timeout:
      return "early timeout";
    case choice_kind::cancellation:
      return "cancellation";
    case choice_kind::fault:
      return "fault";
    case choice_kind::allocation_failure:
      return "allocation failure";
    case choice_kind::test:
      return "test choice";
  }
  return "?";
}

}  // namespace heddle::sim
