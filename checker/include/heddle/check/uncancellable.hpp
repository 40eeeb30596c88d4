// Tasks that options::cancellations must leave alone.
//
//     const heddle::check::uncancellable always;  // in a task: from here to the end of the scope
//     heddle::spawn(server());                    // and so is what it spawns meanwhile, for good
//
// While it lives, the task it stands in is not cancelled, across its awaits too. The tasks spawned in the scope, be it
// in a task or in a thread outside of tasks, are never cancelled; those that they spawn may be. What the program itself
// aborts, it aborts.
//
// It is for tests and their fakes: what the program never cancels, such as a server that outlives its clients.
//
// Outside an execution it does nothing.
#pragma once

#include "heddle/sim/current.hpp"

namespace heddle::check {

class [[nodiscard]] uncancellable {
 public:
  uncancellable() noexcept {}

 private:
  sim::uncancellable_scope scope_;
};

}  // namespace heddle::check
