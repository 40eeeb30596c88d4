#include "../machine/nowhere/../gone.hpp"
#include "heddle/runtime/task.hpp"
