#include "fatal.hpp"

#include "state.hpp"

#include <csignal>
#include <cstdlib>
#include <cstring>

#include <unistd.h>

namespace heddle::sim {

namespace {

void print(const char* text) noexcept {
  // Nothing is left to do about a failed write.
  [[maybe_unused]] const auto written = write(STDERR_FILENO, text, std::strlen(text));
}

}  // namespace

void fatal(const char* message) noexcept {
  leave_to_host();
  print("heddle: ");
  print(message);
  print("\n");
  std::signal(SIGABRT, SIG_DFL);
  std::abort();
}

}  // namespace heddle::sim
