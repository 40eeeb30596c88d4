#include "heddle/check.hpp"
#include "heddle/runtime.hpp"
