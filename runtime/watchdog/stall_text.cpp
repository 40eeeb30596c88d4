// A stall for a reader; see stall.hpp. Thread safety: any thread.
#include "heddle/runtime/stall.hpp"

#include <cstdlib>
#include <memory>

#include <cxxabi.h>
#include <dlfcn.h>

namespace heddle {

namespace {

struct c_freeing {
  void operator()(char* block) const noexcept { std::free(block); }
};

std::string milliseconds_text(std::chrono::nanoseconds duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()) + " ms";
}

std::string hexadecimal(std::uintptr_t number) {
  constexpr const char* digits = "0123456789abcdef";
  std::string text;
  do {
    text.insert(text.begin(), digits[number % 16]);
    number /= 16;
  } while (number != 0);
  return "0x" + text;
}

// The function, if the dynamic symbols know it, and what addr2line takes: the module and the offset in it.
std::string frame_text(void* address) {
  Dl_info info{};
  // A return address stands behind its call.
  auto* const call = static_cast<char*>(address) - 1;
  if (dladdr(call, &info) == 0 || info.dli_fname == nullptr) return hexadecimal(reinterpret_cast<std::uintptr_t>(call));
  std::string text;
  if (info.dli_sname != nullptr) {
    int status = 0;
    const std::unique_ptr<char, c_freeing> name(abi::__cxa_demangle(info.dli_sname, nullptr, nullptr, &status));
    text = std::string(status == 0 ? name.get() : info.dli_sname) + "  ";
  }
  return text + info.dli_fname + " +" +
         hexadecimal(static_cast<std::uintptr_t>(call - static_cast<char*>(info.dli_fbase)));
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
  for (void* const address : stack) line += "    " + frame_text(address) + '\n';
  return line;
}

}  // namespace heddle
