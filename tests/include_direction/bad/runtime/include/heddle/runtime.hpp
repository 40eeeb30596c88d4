#include "heddle/check.hpp"
  #  include <heddle/sim/machine.hpp>
