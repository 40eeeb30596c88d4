// An executable whose own main() explores, without a test framework.
#include "heddle/check.hpp"

#include <cstdio>

int main() {
  const auto result = heddle::check::explore({.name = "dice"}, [] { HEDDLE_CHECK(heddle::check::choose(6) != 5); });
  std::puts(result.text().c_str());
  return result.failed() ? 1 : 0;
}
