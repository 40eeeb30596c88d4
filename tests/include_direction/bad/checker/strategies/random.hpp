#include "../../sim/machine/state.hpp"
#include <heddle/runtime.hpp>
