#include "user_frame.hpp"

#include "heddle/sim/current.hpp"

#include <span>

#include <unwind.h>

namespace heddle::sim {

namespace {

constexpr int frames_max = 64;

struct search {
  std::uintptr_t entered_from = 0;
  std::uintptr_t last = 0;  // of the frame before
  std::uintptr_t found = 0;
  int frames = 0;
};

_Unwind_Reason_Code look(_Unwind_Context* context, void* data) {
  search& of = *static_cast<search*>(data);
  const std::uintptr_t pc = _Unwind_GetIP(context);
  if (pc == of.entered_from) {
    of.found = of.last;
    return _URC_END_OF_STACK;
  }
  of.last = pc;
  return ++of.frames < frames_max ? _URC_NO_REASON : _URC_END_OF_STACK;
}

}  // namespace

std::uintptr_t place_in_user_code(const virtual_thread& self, std::uintptr_t otherwise) noexcept {
  const std::span<const std::uintptr_t> sites = self.call_sites();
  if (sites.empty() || self.shadow_depth > sites.size()) return otherwise;
  const host_scope host;
  search of{.entered_from = sites.back()};
  _Unwind_Backtrace(&look, &of);
  return of.found == 0 ? otherwise : of.found;
}

}  // namespace heddle::sim
