// A task refuses a result that its frame cannot align; compared by `check_messages`, see tasks.cpp. It stands alone, as
// g++ does not make promises where something else is wrong.
#include "heddle/runtime/task.hpp"

struct alignas(64) cache_line {
  char bytes[64];
};
// expect: a task yields no value that asks for more alignment than operator new gives
static_assert(sizeof(heddle::task<cache_line>::promise_type) > 0);
