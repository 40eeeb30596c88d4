#include "heddle/hooks.hpp"
