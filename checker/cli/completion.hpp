// Completion of the command line by shells, made from what the parser knows: it cannot fall behind.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace heddle::cli {

// The script that a shell (bash, zsh or fish) reads. Throws usage_error for another one.
std::string completion_script(const CLI::App& command, const std::string& shell);

}  // namespace heddle::cli
