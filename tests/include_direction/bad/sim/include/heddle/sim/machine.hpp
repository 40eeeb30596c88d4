#include "heddle/check/options.hpp"
