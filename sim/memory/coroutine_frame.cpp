#include "coroutine_frame.hpp"

#include "../machine/host_memory.hpp"
#include "../machine/never_destroyed.hpp"
#include "heddle/hooks.hpp"
#include "pointer_search.hpp"

#include <algorithm>

#include <link.h>

namespace heddle::sim {

namespace {

struct loaded_code {
  host_vector<memory_range> segments;
  memory_range all;  // from the first to the last
};
constinit never_destroyed<loaded_code> the_code;

int add_module(dl_phdr_info* info, std::size_t, void*) {
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info->dlpi_phdr[i];
    if (header.p_type != PT_LOAD || (header.p_flags & PF_X) == 0) continue;
    const std::uintptr_t begin = info->dlpi_addr + header.p_vaddr;
    the_code.value.segments.push_back({.begin = begin, .end = begin + header.p_memsz});
  }
  return 0;
}

bool is_code(std::uintptr_t address) noexcept {
  const loaded_code& code = the_code.value;
  if (address - code.all.begin >= code.all.end - code.all.begin) return false;
  return std::any_of(code.segments.begin(), code.segments.end(),
                     [=](const memory_range& one) { return address - one.begin < one.end - one.begin; });
}

}  // namespace

void find_loaded_code() {
  loaded_code& code = the_code.value;
  code.segments.clear();
  dl_iterate_phdr(&add_module, nullptr);
  code.all = code.segments.front();
  for (const memory_range& one : code.segments) {
    code.all = {.begin = std::min(code.all.begin, one.begin), .end = std::max(code.all.end, one.end)};
  }
}

namespace {

coroutine_state frame_at(const std::byte* address) noexcept {
  struct [[gnu::may_alias]] head {
    std::uintptr_t resume;
    std::uintptr_t destroy;
  };
  const auto& frame = *reinterpret_cast<const head*>(address);
  if (!is_code(frame.destroy)) return coroutine_state::no_coroutine;
  if (frame.resume == 0) return coroutine_state::done;
  return is_code(frame.resume) ? coroutine_state::suspended : coroutine_state::no_coroutine;
}

constexpr std::size_t head_size = 2 * sizeof(std::uintptr_t);

}  // namespace

coroutine_state coroutine_at(const void* block, std::size_t size) noexcept {
  const auto* const begin = static_cast<const std::byte*>(block);
  if (size < head_size) return coroutine_state::no_coroutine;
  const coroutine_state at_begin = frame_at(begin);
  if (at_begin != coroutine_state::no_coroutine || size < hooks::frame_offset + head_size) return at_begin;
  return frame_at(begin + hooks::frame_offset);
}

}  // namespace heddle::sim
