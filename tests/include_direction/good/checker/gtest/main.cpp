#include "../strategies/random.hpp"
#include "heddle/gtest.hpp"
#include <heddle/runtime/task.hpp>
