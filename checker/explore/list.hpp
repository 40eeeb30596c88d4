// HEDDLE_LIST=1: the test binary says which tests it has, and runs none.
//
// The list is one line of JSON, on the channel or else on standard output:
//
//     {"event":"list","kind":"gtest","build":"9c41b7aa","tests":["Suite.Name", ...],"others":[...]}
//
// `kind` is gtest, program, or main for an executable whose own main() explores. Of a test suite, the tests are those
// that its filter and its shard leave, and the others those that they leave out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heddle::check {

// Whether HEDDLE_LIST asks for it.
bool is_list_wanted();

// Says it, and ends the process.
[[noreturn]] void list_and_exit(std::string_view kind, const std::vector<std::string>& tests,
                                const std::vector<std::string>& others = {});

}  // namespace heddle::check
