// Random bytes inside an execution: the same ones in every execution, in the order in which they are asked for.
#pragma once

#include "../machine/execution.hpp"

#include <cstddef>

namespace heddle::sim {

void fill_with_random_bytes(execution& machine, void* buffer, std::size_t size) noexcept;

}  // namespace heddle::sim
