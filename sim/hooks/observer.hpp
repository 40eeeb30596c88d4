// The third door: what the runtime tells through its hooks enters the machine here.
#pragma once

namespace heddle::sim {

// Registers the machine with the hooks, once for the process.
void observe_hooks() noexcept;

}  // namespace heddle::sim
