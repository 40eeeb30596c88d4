// Completion of the command line by shells, made from what the parser knows: it cannot fall behind.
#pragma once

#include <string>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;       // NOLINT(readability-identifier-naming): likewise
}  // namespace CLI

namespace heddle::cli {

// The script that a shell (bash, zsh or fish) reads. Throws usage_error for another one.
std::string completion_script(const CLI::App& command, const std::string& shell);

}  // namespace heddle::cli
