// Addresses of code for a reader. Thread safety: any thread.
#pragma once

#include <string>

namespace heddle::detail {

// The function, if the dynamic symbols know it, and what addr2line takes: the module and the offset in it.
std::string code_text(const void* address);

}  // namespace heddle::detail
