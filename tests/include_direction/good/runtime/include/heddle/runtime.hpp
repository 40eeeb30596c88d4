#include "heddle/runtime/task.hpp"
