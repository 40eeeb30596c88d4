// How a command of `heddle` ends.
#pragma once

#include <stdexcept>

namespace heddle::cli {

enum exit_code : int {
  nothing_found = 0,
  found = 1,
  wrong_usage = 2,  // or an environment that does not do: no such file, no such token, a binary that is not ours
  broken = 3,       // the tool itself failed
};

// What the user can put right. Its text is a sentence that says how.
class usage_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace heddle::cli
