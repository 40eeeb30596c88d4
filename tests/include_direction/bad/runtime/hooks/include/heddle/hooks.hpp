#include "heddle/runtime.hpp"
