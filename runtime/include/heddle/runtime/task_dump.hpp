// What the tasks of a runtime are doing now, for someone who wonders why nothing goes on.
//
//     std::fputs(heddle::to_text(rt.handle().dump_tasks()).c_str(), stderr);
//
// How it works. All is known already: which tasks there are, and where each is suspended, which its frames say. A dump
// takes a waiting task for as long as it reads these, as a worker would that polls it; one that is woken meanwhile is
// scheduled afterwards. So spawns pay nothing for it, and each co_await one store; a dump costs some tens of
// nanoseconds a task.
//
// A coroutine is told by the co_await at which it stands and by the address of the function that resumes it, a future
// by that of the function that polls it. The text names the coroutines, and futures that the dynamic symbols know (link
// with -rdynamic), and gives module and offset for addr2line -fCe of all.
//
// Limits. With clang 14 the co_await is not known. Not listed are
// the task of a block_on, blocking closures, and the tasks of a local_set. Of a task that runs its state alone is told;
// stalls (stall.hpp) have a stack. A task that is aborted while it is looked at is dropped by the thread that does.
//
// Thread safety. Plain values.
#pragma once

#include "heddle/hooks.hpp"
#include "heddle/runtime/detail/send_declarations.hpp"
#include "heddle/runtime/task_id.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace heddle {

struct task_dump {
  using declare_send = declared_true<task_dump, "its pointers are addresses of code">;
  using declare_sync = declared_true<task_dump, "its pointers are addresses of code">;

  enum class condition : std::uint8_t {
    running,  // being polled or dropped
    queued,   // never polled, or woken
    waiting,
  };

  task_id id{};
  std::string name{};  // empty unless it was given one
  condition state = condition::waiting;
  std::vector<const void*> coroutines{};  // outermost first; empty unless waiting, and of a task that is no coroutine
  // Of each of these the co_await at which it stands; its file is null where that is not known.
  std::vector<hooks::source_place> places{};
  const void* awaited = nullptr;  // by the innermost coroutine; null where it is not known
};

// For a reader: a line for each task, and one for each coroutine. Ends with a newline unless it is empty.
std::string to_text(const std::vector<task_dump>& tasks);

}  // namespace heddle
