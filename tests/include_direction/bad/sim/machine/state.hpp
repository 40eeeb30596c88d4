#include "../../checker/strategies/random.hpp"
