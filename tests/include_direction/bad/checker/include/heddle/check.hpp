#include "heddle/gtest.hpp"
