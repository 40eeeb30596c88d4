#include "fatal.hpp"

#include "heddle/sim/machine.hpp"
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

using handler_function = void(const char* message);
constinit handler_function* fatal_handler = nullptr;

}  // namespace

void set_fatal_handler(void (*handler)(const char* message)) noexcept {
  fatal_handler = handler;
}

void fatal(const char* message) noexcept {
  leave_to_host();
  if (fatal_handler != nullptr) fatal_handler(message);
  print("heddle: ");
  print(message);
  print("\n");
  std::signal(SIGABRT, SIG_DFL);
  std::abort();
}

}  // namespace heddle::sim
