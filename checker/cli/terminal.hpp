// What people see while a command runs: a line that changes on a terminal, plain lines in a log.
//
// How it works. Results go to standard output, line by line. Progress goes to standard error: where that is a terminal,
// one line is written over and over, and wiped before anything else is printed; otherwise a plain line now and then.
//
// Thread safety: none.
#pragma once

#include "report/text.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace heddle::cli {

class terminal {
 public:
  terminal();
  terminal(const terminal&) = delete;
  terminal& operator=(const terminal&) = delete;
  ~terminal();

  // A result, on a line of its own.
  void print(std::string_view text);
  // Progress, if it is time for it. `in_log` is between two lines where there is no terminal.
  void progress(std::string_view text, std::chrono::milliseconds in_log);
  bool is_terminal() const noexcept { return is_terminal_; }
  check::colours colours() const noexcept { return colours_; }
  // In the colour of results: "1;31" is bold red.
  std::string coloured(std::string_view text, std::string_view code) const;

 private:
  void wipe();

  const bool is_terminal_;
  const check::colours colours_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace heddle::cli
