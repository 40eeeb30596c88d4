// What the checker wants to know from the test framework around it, if there is one.
//
// The GoogleTest glue registers itself through this; glue for another framework would do the same.
//
// Thread safety: set_framework runs before the first exploration; the functions are called by the
// thread that explores, outside of any execution.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace heddle::check {

class framework {
 public:
  framework() = default;
  framework(const framework&) = delete;
  framework& operator=(const framework&) = delete;
  virtual ~framework() = default;

  // The test that runs, such as "Suite.Name"; empty when none does.
  virtual std::string current_test() const = 0;
  // The tests of this executable, to name the one a token belongs to.
  virtual std::vector<std::string> tests() const = 0;
  // The argument that makes the executable run that test alone.
  virtual std::string filter_argument(const std::string& test) const = 0;
  // Around each exploration: assertions made meanwhile by virtual threads belong to their execution.
  virtual void exploration_begins() = 0;
  virtual void exploration_ends(std::uint64_t executions) = 0;
};

// `observer` must live as long as the process; null for none.
void set_framework(framework* observer) noexcept;
// The registered one, or null.
framework* current_framework() noexcept;

// A test begins: explorations of one name are counted from here, to tell apart those of one test.
void test_begins() noexcept;

}  // namespace heddle::check
