// Which execution, if any, the calling thread is part of: the question every intercepted call asks
// first. One load and a branch.
//
// How it works. The answers are thread-local: OS threads that are not part of the machine find null. As all
// thread-locals they are swapped when virtual threads are, so a switch sets them again. They are in the executable, as
// all of the machine is: hence the access model, one instruction.
#pragma once

namespace heddle::sim {

class execution;

namespace detail {
// The execution whose virtual thread is running; null between executions and in host scopes.
[[gnu::tls_model("local-exec")]] extern constinit thread_local execution* active;
// `active` while its running thread's atomic operations concern it, as scheduling points or for their order, else
// null: what every atomic operation of instrumented code looks at first.
[[gnu::tls_model("local-exec")]] extern constinit thread_local execution* interleaving;
// `active` while accesses of its running thread are compared for data races, else null.
[[gnu::tls_model("local-exec")]] extern constinit thread_local execution* racing;
// `active` while more may come of a plain access of its running thread than that the memory was freed, else null: what
// every plain access of instrumented code looks at.
[[gnu::tls_model("local-exec")]] extern constinit thread_local execution* watching;
// Whether plain memory accesses are scheduling points, or are told.
extern constinit bool accesses_are_wanted;
// Whether the process has no OS thread but the machine's: no other processor can then see half of an operation.
// Once false, false for good.
extern constinit bool one_os_thread;
}  // namespace detail

// The execution the caller is a virtual thread of, or null.
inline execution* running() noexcept {
  return detail::active;
}

// The same, when atomic operations of the calling thread concern it now; else null.
inline execution* interleaving() noexcept {
  return detail::interleaving;
}

// The same, when its accesses are compared for data races; else null.
inline execution* racing() noexcept {
  return detail::racing;
}

// The same, when its plain accesses are compared, or may be scheduling points; else null.
inline execution* watching() noexcept {
  return detail::watching;
}

// From here on the caller is an ordinary OS thread.
inline void set_inactive() noexcept {
  detail::active = nullptr;
  detail::interleaving = nullptr;
  detail::racing = nullptr;
  detail::watching = nullptr;
}
inline void leave_to_host() noexcept {
  if (running() != nullptr) set_inactive();
}

}  // namespace heddle::sim
