#include "cli/terminal.hpp"

#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace heddle::cli {

namespace {

constexpr auto between_updates = std::chrono::milliseconds(200);

// A terminal that cannot move its cursor gets plain lines.
bool can_be_overwritten() {
  const char* const kind = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && (kind == nullptr || std::string_view(kind) != "dumb");
}

std::size_t columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

terminal::terminal()
    : is_terminal_(can_be_overwritten()),
      colours_(check::colours_for(STDOUT_FILENO)),
      last_(std::chrono::steady_clock::now()) {}

terminal::~terminal() {
  wipe();
}

void terminal::wipe() {
  if (shown_) fmt::print(stderr, "\r\033[K");
  std::fflush(stderr);
  shown_ = false;
}

void terminal::print(std::string_view text) {
  wipe();
  fmt::print("{}\n", text);
  std::fflush(stdout);
}

void terminal::progress(std::string_view text, std::chrono::milliseconds in_log) {
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < (is_terminal_ ? between_updates : in_log)) return;
  last_ = now;
  if (is_terminal_) {
    fmt::print(stderr, "\r\033[K{}", text.substr(0, columns() - 1));
    shown_ = true;
  } else {
    fmt::print(stderr, "{}\n", text);
  }
  std::fflush(stderr);
}

std::string terminal::coloured(std::string_view text, std::string_view code) const {
  return colours_ == check::colours::terminal ? fmt::format("\033[{}m{}\033[0m", code, text) : std::string(text);
}

}  // namespace heddle::cli
