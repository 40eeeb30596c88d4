// What heddle's own types let through: they are made for tasks, so only what they carry counts.
//
// How it works. `carried<X>` lists the types that decide for X; for what is no template the list is empty. The types
// are declared here, not included. What is missing is refused as any class that is not seen into.
//
// A local_set and what drives it may be awaited by the task that is given to block_on, which does not move; they check
// their thread when they are used. A closure given to `with` or `get_or_init` is called inside of the await, by the
// task that awaits, so it may refer to what that task has.
#pragma once

#include "heddle/runtime/detail/send_rules.hpp"
#include "heddle/runtime/future.hpp"

#include <cstdint>
#include <type_traits>

namespace heddle {
class abort_handle;
class cancellation_token;
class cancelled_future;
class cancellation_guard;
class handle;
class interval_timer;
class join_error;
class runtime;
class runtime_metrics;
class sleep_future;
class task_id;
class task_tracker;
class tracker_token;
class tracker_wait_future;
class local_set;
class waker;
class yield_future;
}  // namespace heddle
namespace heddle {
template <class T>
class task;
template <class T>
class local_task;
template <class T>
class dyn_task;
template <class T>
class ready_future;
template <class T>
class join_handle;
template <class T>
class join_set;
template <class T>
class join_next_future;
template <class T>
class select_all_result;
template <class... Outputs>
class select_result;
template <class T>
class task_local;
template <class T>
class thread_bound;
template <class T, future F>
class task_local_future;
template <future F>
class run_until_cancelled_future;
template <future F>
class run_until_future;
template <future F>
class tracked_future;
template <future F>
class timeout_future;
template <future F>
class unconstrained_future;
template <future F>
class when_future;
template <future F>
class select_all_future;
template <future F>
class join_all_future;
template <future... Fs>
class join_future;
template <class Order, future... Fs>
class select_future;
}  // namespace heddle
namespace heddle::sync {
class barrier;
class barrier_wait_future;
class barrier_wait_result;
class notified_future;
class notify;
class semaphore;
}  // namespace heddle::sync
namespace heddle::mpsc {
class closed_future;
}  // namespace heddle::mpsc
namespace heddle::oneshot {
class closed_future;
}  // namespace heddle::oneshot
namespace heddle::broadcast {
class recv_error;
class try_recv_error;
}  // namespace heddle::broadcast
namespace heddle::watch {
class closed_future;
class changed_future;
}  // namespace heddle::watch
namespace heddle::sync {
template <class T>
class mutex;
template <class T>
class mutex_guard;
template <class T>
class lock_future;
template <class T, class Function>
class with_future;
template <class T>
class rw_lock;
template <class T>
class once_cell;
template <class T, class Function, class... Args>
class init_future;
namespace detail {
template <class Owner>
class basic_permit;
template <class Owner>
class basic_acquire_future;
template <class T, std::uint64_t Permits>
class rw_guard;
template <class T, std::uint64_t Permits>
class rw_future;
template <class T, std::uint64_t Permits, class Function, class... Args>
class rw_with_future;
}  // namespace detail
}  // namespace heddle::sync
namespace heddle::mpsc {
template <class T>
class permit;
template <class T>
class reserve_future;
template <class T>
class send_future;
template <class T>
class sender;
template <class T>
class receiver;
template <class T>
class recv_future;
template <class T>
class recv_many_future;
template <class T>
class unbounded_sender;
template <class T>
class unbounded_receiver;
template <class T>
class send_error;
template <class T>
class try_send_error;
}  // namespace heddle::mpsc
namespace heddle::mpsc::detail {
template <class Sender>
class weak_end;
}  // namespace heddle::mpsc::detail
namespace heddle::watch {
template <class T, class Predicate>
class wait_for_future;
}  // namespace heddle::watch
namespace heddle::oneshot {
template <class T>
class sender;
template <class T>
class receiver;
}  // namespace heddle::oneshot
namespace heddle::broadcast {
template <class T>
class sender;
template <class T>
class receiver;
template <class T>
class recv_future;
}  // namespace heddle::broadcast
namespace heddle::watch {
template <class T>
class sender;
template <class T>
class receiver;
}  // namespace heddle::watch

namespace heddle::detail {
template <class T>
class outcome;

// Primary: what is no template and carries nothing, or a type of somebody else, which has no list.
template <class X>
struct carried_by {};

struct nothing_carried {
  using types = type_list<>;
};
template <>
struct carried_by<abort_handle> : nothing_carried {};
template <>
struct carried_by<cancellation_token> : nothing_carried {};
template <>
struct carried_by<cancelled_future> : nothing_carried {};
template <>
struct carried_by<cancellation_guard> : nothing_carried {};
template <>
struct carried_by<handle> : nothing_carried {};
template <>
struct carried_by<interval_timer> : nothing_carried {};
template <>
struct carried_by<join_error> : nothing_carried {};
template <>
struct carried_by<local_set> : nothing_carried {};
template <>
struct carried_by<runtime> : nothing_carried {};
template <>
struct carried_by<runtime_metrics> : nothing_carried {};
template <>
struct carried_by<sleep_future> : nothing_carried {};
template <>
struct carried_by<task_id> : nothing_carried {};
template <>
struct carried_by<task_tracker> : nothing_carried {};
template <>
struct carried_by<tracker_token> : nothing_carried {};
template <>
struct carried_by<tracker_wait_future> : nothing_carried {};
template <>
struct carried_by<waker> : nothing_carried {};
template <>
struct carried_by<yield_future> : nothing_carried {};
template <>
struct carried_by<sync::barrier> : nothing_carried {};
template <>
struct carried_by<sync::barrier_wait_future> : nothing_carried {};
template <>
struct carried_by<sync::barrier_wait_result> : nothing_carried {};
template <>
struct carried_by<sync::notified_future> : nothing_carried {};
template <>
struct carried_by<sync::notify> : nothing_carried {};
template <>
struct carried_by<sync::semaphore> : nothing_carried {};
template <>
struct carried_by<mpsc::closed_future> : nothing_carried {};
template <>
struct carried_by<oneshot::closed_future> : nothing_carried {};
template <>
struct carried_by<broadcast::recv_error> : nothing_carried {};
template <>
struct carried_by<broadcast::try_recv_error> : nothing_carried {};
template <>
struct carried_by<watch::closed_future> : nothing_carried {};
template <>
struct carried_by<watch::changed_future> : nothing_carried {};
// What carries one type.
#define HEDDLE_CARRIES(Template)   \
  template <class T>               \
  struct carried_by<Template<T>> { \
    using types = type_list<T>;    \
  }
HEDDLE_CARRIES(task);
HEDDLE_CARRIES(dyn_task);
HEDDLE_CARRIES(ready_future);
HEDDLE_CARRIES(join_handle);
HEDDLE_CARRIES(join_set);
HEDDLE_CARRIES(join_next_future);
HEDDLE_CARRIES(select_all_result);
HEDDLE_CARRIES(task_local);
HEDDLE_CARRIES(sync::mutex);
HEDDLE_CARRIES(sync::mutex_guard);
HEDDLE_CARRIES(sync::lock_future);
HEDDLE_CARRIES(sync::rw_lock);
HEDDLE_CARRIES(sync::once_cell);
HEDDLE_CARRIES(mpsc::permit);
HEDDLE_CARRIES(mpsc::reserve_future);
HEDDLE_CARRIES(mpsc::send_future);
HEDDLE_CARRIES(mpsc::sender);
HEDDLE_CARRIES(mpsc::receiver);
HEDDLE_CARRIES(mpsc::recv_future);
HEDDLE_CARRIES(mpsc::recv_many_future);
HEDDLE_CARRIES(mpsc::detail::weak_end);
HEDDLE_CARRIES(mpsc::unbounded_sender);
HEDDLE_CARRIES(mpsc::unbounded_receiver);
HEDDLE_CARRIES(mpsc::send_error);
HEDDLE_CARRIES(mpsc::try_send_error);
HEDDLE_CARRIES(oneshot::sender);
HEDDLE_CARRIES(oneshot::receiver);
HEDDLE_CARRIES(broadcast::sender);
HEDDLE_CARRIES(broadcast::receiver);
HEDDLE_CARRIES(broadcast::recv_future);
HEDDLE_CARRIES(watch::sender);
HEDDLE_CARRIES(watch::receiver);
HEDDLE_CARRIES(outcome);
#undef HEDDLE_CARRIES
template <class T, class Predicate>
struct carried_by<watch::wait_for_future<T, Predicate>> {
  using types = type_list<T>;
};
// The owner of a semaphore: a pointer to it, or a std::shared_ptr.
template <class T>
struct carried_by<sync::detail::basic_permit<T>> {
  using types = type_list<>;
};
template <class T>
struct carried_by<sync::detail::basic_acquire_future<T>> {
  using types = type_list<>;
};
// Futures around a future.
template <future F>
struct carried_by<run_until_cancelled_future<F>> {
  using types = type_list<F>;
};
template <future F>
struct carried_by<run_until_future<F>> {
  using types = type_list<>;
};
template <future F>
struct carried_by<tracked_future<F>> {
  using types = type_list<F>;
};
template <future F>
struct carried_by<timeout_future<F>> {
  using types = type_list<F>;
};
template <future F>
struct carried_by<unconstrained_future<F>> {
  using types = type_list<F>;
};
template <future F>
struct carried_by<when_future<F>> {
  using types = type_list<F>;
};
template <future F>
struct carried_by<select_all_future<F>> {
  using types = type_list<F>;
};
template <future F>
struct carried_by<join_all_future<F>> {
  using types = type_list<F>;
};
template <future... Fs>
struct carried_by<join_future<Fs...>> {
  using types = type_list<Fs...>;
};
template <class Order, future... Fs>
struct carried_by<select_future<Order, Fs...>> {
  using types = type_list<Fs...>;
};
template <class... Outputs>
struct carried_by<select_result<Outputs...>> {
  using types = type_list<Outputs...>;
};
template <class T, future F>
struct carried_by<task_local_future<T, F>> {
  using types = type_list<T, F>;
};
// Closures run inside of the await.
template <class T, class Function>
struct carried_by<sync::with_future<T, Function>> {
  using types = type_list<T>;
};
template <class T, std::uint64_t Permits>
struct carried_by<sync::detail::rw_guard<T, Permits>> {
  using types = type_list<T>;
};
template <class T, std::uint64_t Permits>
struct carried_by<sync::detail::rw_future<T, Permits>> {
  using types = type_list<T>;
};
template <class T, std::uint64_t Permits, class Function, class... Args>
struct carried_by<sync::detail::rw_with_future<T, Permits, Function, Args...>> {
  using types = type_list<T>;
};
template <class T, class Function, class... Args>
struct carried_by<sync::init_future<T, Function, Args...>> {
  using types = type_list<T>;
};

template <question Asked, class Types, class... Path>
struct all_carried;
template <question Asked, class... Types, class... Path>
struct all_carried<Asked, type_list<Types...>, Path...>
    : first_broken<behind_t<verdict<Asked, Types, Path...>, why::carried<Types>>...> {};

template <question Asked, class X, class... Path>
  requires requires { typename carried_by<X>::types; }
struct known<Asked, X, Path...> : all_carried<Asked, typename carried_by<X>::types, Path...> {};

template <question Asked, class T, class... Path>
struct known<Asked, local_task<T>, Path...> : stays_on_its_thread<local_task<T>> {};
template <question Asked, class T, class... Path>
struct known<Asked, thread_bound<T>, Path...> : stays_on_its_thread<thread_bound<T>> {};

}  // namespace heddle::detail
