// The command line as it is written: commands, options, help.
#pragma once

namespace heddle::cli {

// Reads the arguments, runs the command, and returns the exit code of the process.
int run(int argc, char** argv);

}  // namespace heddle::cli
