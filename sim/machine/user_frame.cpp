#include "user_frame.hpp"

#include "heddle/sim/current.hpp"

#include <array>
#include <cstddef>
#include <span>

#include <unwind.h>

namespace heddle::sim {

namespace {

struct search {
  std::uintptr_t begins_behind = 0;  // 0: with the first frame
  std::uintptr_t entered_from = 0;
  std::span<std::uintptr_t> room;
  std::size_t count = 0;
  bool has_begun = begins_behind == 0;
  bool is_whole = false;
};

_Unwind_Reason_Code collect(_Unwind_Context* context, void* data) {
  search& of = *static_cast<search*>(data);
  const std::uintptr_t pc = _Unwind_GetIP(context);
  if (!of.has_begun) {
    of.has_begun = pc == of.begins_behind;
    return _URC_NO_REASON;
  }
  of.is_whole = pc == of.entered_from;
  if (of.is_whole || of.count == of.room.size()) return _URC_END_OF_STACK;
  of.room[of.count++] = pc;
  return _URC_NO_REASON;
}

// The return addresses up to the innermost call site on the shadow call stack; empty if that is not come to.
std::span<const std::uintptr_t> unwind(const virtual_thread& self, std::uintptr_t begins_behind,
                                       std::span<std::uintptr_t> room) noexcept {
  // Beyond its capacity it does not tell where the innermost function was entered.
  if (self.shadow_depth == 0 || self.shadow_depth > self.call_sites().size()) return {};
  search of{.begins_behind = begins_behind, .entered_from = self.call_sites().back(), .room = room};
  _Unwind_Backtrace(&collect, &of);
  return of.is_whole ? room.first(of.count) : std::span<std::uintptr_t>();
}

}  // namespace

std::uintptr_t place_in_user_code(const virtual_thread& self, std::uintptr_t otherwise) noexcept {
  const host_scope host;
  std::array<std::uintptr_t, unwound_frames_max> room;
  const auto frames = unwind(self, 0, room);
  return frames.empty() ? otherwise : frames.back();
}

std::span<const std::uintptr_t> callers_of_interrupted(const virtual_thread& self, std::uintptr_t pc,
                                                       std::span<std::uintptr_t> room) noexcept {
  return unwind(self, pc, room);
}

}  // namespace heddle::sim
