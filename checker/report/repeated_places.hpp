// Where those stand that only look again. Thread safety: any thread.
#pragma once

#include "heddle/check/finding.hpp"

#include <vector>

namespace heddle::check {

// Of a livelock, the places of its threads and then of its tasks; of anything else none.
inline std::vector<place> repeated_places(const finding& what) {
  std::vector<place> all;
  for (const thread_view& one : what.threads) all.insert(all.end(), one.repeated.begin(), one.repeated.end());
  for (const task_view& one : what.tasks) all.insert(all.end(), one.repeated.begin(), one.repeated.end());
  return all;
}

}  // namespace heddle::check
