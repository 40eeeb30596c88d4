// A stall for a reader; see stall.hpp. Thread safety: any thread.
#include "heddle/runtime/stall.hpp"
#include "task/code_text.hpp"

namespace heddle {

namespace {

std::string milliseconds_text(std::chrono::nanoseconds duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()) + " ms";
}

}  // namespace

std::string stall::text() const {
  std::string line = "heddle: worker " + std::to_string(worker) + " (thread " + std::to_string(thread) +
                     ") has been in one poll for " + milliseconds_text(lasted) + ": ";
  switch (cause) {
    case stall_cause::blocked:
      line += system_call.empty() ? "it blocks" : "it blocks in " + system_call;
      break;
    case stall_cause::busy:
      line += "it computes, " + milliseconds_text(on_cpu) + " on the processor";
      break;
    case stall_cause::starved:
      line += "the host gives it no processor";
      break;
  }
  if (suppressed != 0) line += "; " + std::to_string(suppressed) + " reports were left out before this one";
  if (starved != 0) line += "; the host starved workers " + std::to_string(starved) + " times";
  line += '\n';
  // A return address stands behind its call.
  for (void* const address : stack) line += "    " + detail::code_text(static_cast<char*>(address) - 1) + '\n';
  return line;
}

}  // namespace heddle
