// Standard input, output and error of a program that runs many times.
//
// How it works. Forked processes share the position in a file. Standard input goes back to where it stood, if it can;
// standard output and error of a schedule go to one file in memory, which is emptied before the next.
//
// Limit: a terminal, a pipe or a socket cannot go back. The first schedule that reads has what there is.
#pragma once

#include <string>

#include <sys/types.h>

namespace heddle::check {

class standard_streams {
 public:
  // `captures`: whether output is kept back. Throws std::system_error.
  explicit standard_streams(bool captures);
  standard_streams(const standard_streams&) = delete;
  standard_streams& operator=(const standard_streams&) = delete;
  ~standard_streams();

  // Before a schedule, in the process that forks.
  void rewind();
  // In the forked process.
  void enter() const noexcept;
  // What was printed since rewind(), its last output_max bytes.
  std::string output() const;

 private:
  static constexpr off_t output_max = 64 * 1024;

  off_t printed() const noexcept;

  off_t input_at_ = -1;  // -1: it cannot go back
  int kept_ = -1;        // the file in memory, or none
};

}  // namespace heddle::check
