#include "task/code_text.hpp"

#include <cstdint>
#include <cstdlib>
#include <memory>

#include <cxxabi.h>
#include <dlfcn.h>

namespace heddle::detail {

namespace {

struct c_freeing {
  void operator()(char* block) const noexcept { std::free(block); }
};

std::string hexadecimal(std::uintptr_t number) {
  constexpr const char* digits = "0123456789abcdef";
  std::string text;
  do {
    text.insert(text.begin(), digits[number % 16]);
    number /= 16;
  } while (number != 0);
  return "0x" + text;
}

}  // namespace

std::string code_text(const void* address) {
  Dl_info info{};
  const auto number = reinterpret_cast<std::uintptr_t>(address);
  if (dladdr(address, &info) == 0 || info.dli_fname == nullptr) return hexadecimal(number);
  std::string text;
  if (info.dli_sname != nullptr) {
    int status = 0;
    const std::unique_ptr<char, c_freeing> name(abi::__cxa_demangle(info.dli_sname, nullptr, nullptr, &status));
    text = std::string(status == 0 ? name.get() : info.dli_sname) + "  ";
  }
  return text + info.dli_fname + " +" + hexadecimal(number - reinterpret_cast<std::uintptr_t>(info.dli_fbase));
}

}  // namespace heddle::detail
