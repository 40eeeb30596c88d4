#include "heddle/sim/machine.hpp"
