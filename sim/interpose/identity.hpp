// The processors and the process that an execution sees: the same on every machine.
#pragma once

#include <sys/types.h>

namespace heddle::sim {

inline constexpr int processors = 4;
// As on Linux, also the thread id of thread 0; the others follow.
inline constexpr pid_t process_id = 1'000;

}  // namespace heddle::sim
