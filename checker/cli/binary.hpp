// A test binary on disk: what can be known of it without running it.
//
// How it works. An executable with heddle's checker carries an ELF note that says so (explore/note.cpp) and one with
// its build id. Nothing is run that has not the first: `heddle test -- rm -r x` removes nothing.
#pragma once

#include <cstdint>
#include <string>

namespace heddle::cli {

struct binary {
  std::string path;         // as it is run: absolute, or relative to the working directory
  std::uint32_t build = 0;  // as tokens have it; 0 if it was linked without a build id

  // The last part of the path: by it a corpus knows the binary again in another folder.
  std::string name() const { return path.substr(path.rfind('/') + 1); }
};

// Throws usage_error if it is no such binary, with the reason.
binary inspect(const std::string& path);

}  // namespace heddle::cli
