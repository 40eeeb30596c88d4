// The exploration of a task on a runtime of two workers.
#pragma once

#include "heddle/check.hpp"
#include "heddle/runtime.hpp"

namespace heddle::check::testing {

// `body()` makes the task of each execution.
template <typename Body>
report explore_on_workers(Body body, options how = {}) {
  return explore(how, [body] {
    runtime on = runtime::builder().multi_thread().worker_threads(2).build();
    on.block_on(body());
  });
}

}  // namespace heddle::check::testing
