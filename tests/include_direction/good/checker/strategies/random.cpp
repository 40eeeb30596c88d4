#include "strategies/random.hpp"
#include <heddle/hooks.hpp>
