#include "pointer_search.hpp"

#include "../machine/stack_slots.hpp"
#include "../machine/state.hpp"
#include "shadow.hpp"

#include <array>
#include <csetjmp>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string_view>

#include <fcntl.h>
#include <link.h>
#include <unistd.h>

namespace heddle::sim {

namespace {

constexpr std::size_t searched_max = std::size_t{16} << 30;
constexpr std::size_t mappings_max = 16'384;

// Of the machine itself: its records, stacks of virtual threads, the arena, the shadow.
bool is_ours(const memory_range& one) noexcept {
  return one.begin >= stack_slots::lowest_address && one.end <= shadow_memory::end_address;
}

// `text` is what follows the permissions in a line of the table of mappings.
bool is_of_a_file(const char* text) noexcept {
  text = std::strchr(text + 1, ' ');                       // behind the offset
  if (text != nullptr) text = std::strchr(text + 1, ' ');  // and the device
  return text != nullptr && std::strtoull(text, nullptr, 10) != 0;
}

// Private mappings that can be read and written, but those of files and the machine's own. Given up, and empty, when
// there are more than `found` has room for: it must not grow, since from the reading to the end of the search nothing
// may be mapped or unmapped, by libc either.
void find_writable_mappings(host_vector<memory_range>& found) {
  const int file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  // Lines are "begin-end rw-p offset device inode path"; a path may make one longer than the buffer, its beginning
  // suffices.
  std::array<char, 4096> line{};
  std::size_t length = 0;
  std::array<char, 4096> chunk{};
  for (ssize_t got = 0; (got = read(file, chunk.data(), chunk.size())) > 0;) {
    for (const char letter : std::span(chunk).first(static_cast<std::size_t>(got))) {
      if (letter != '\n') {
        if (length + 1 < line.size()) line[length++] = letter;
        continue;
      }
      line[length] = '\0';
      length = 0;
      char* after = nullptr;
      memory_range one;
      one.begin = std::strtoull(line.data(), &after, 16);
      one.end = std::strtoull(after + 1, &after, 16);
      const bool searched = after[1] == 'r' && after[2] == 'w' && after[4] == 'p' && !is_of_a_file(after + 5);
      if (!searched || is_ours(one)) continue;
      if (found.size() == found.capacity()) {
        found.clear();
        close(file);
        return;
      }
      found.push_back(one);
    }
  }
  close(file);
}

// Whether the process has no thread but the caller, which then nobody can change.
bool is_alone() noexcept {
  if (__atomic_load_n(&detail::one_os_thread, __ATOMIC_RELAXED)) return true;
  const int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  std::array<char, 8192> text{};
  const ssize_t got = read(file, text.data(), text.size());
  close(file);
  const std::string_view status(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  return status.find("\nThreads:\t1\n") != std::string_view::npos;
}

// Apart, so that registers that hold a pointer are on the stack, which is searched.
[[gnu::noinline]] void search_all(pointer_search& from, const host_vector<memory_range>& everywhere) {
  std::jmp_buf registers;
  setjmp(registers);
  const auto here = reinterpret_cast<std::uintptr_t>(&registers);
  for (memory_range one : everywhere) {
    // Below is what calls that have returned left.
    if (one.begin < here && here < one.end) one.begin = here;
    from.look_in(one);
    from.follow();
    if (from.reached_all()) return;
  }
}

int look_in_module(dl_phdr_info* info, std::size_t, void* search) {
  auto& from = *static_cast<pointer_search*>(search);
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info->dlpi_phdr[i];
    if (header.p_type != PT_LOAD || (header.p_flags & PF_W) == 0) continue;
    const std::uintptr_t begin = info->dlpi_addr + header.p_vaddr;
    from.look_in({.begin = begin, .end = begin + header.p_memsz});
  }
  return 0;
}

}  // namespace

void search_modules(pointer_search& from) {
  dl_iterate_phdr(&look_in_module, &from);
  from.follow();
}

bool search_process(pointer_search from) {
  if (!is_alone()) return false;
  host_vector<memory_range> everywhere;
  everywhere.reserve(mappings_max);
  find_writable_mappings(everywhere);
  std::size_t size = 0;
  for (const memory_range& one : everywhere) size += one.end - one.begin;
  if (everywhere.empty() || size > searched_max) return false;
  search_modules(from);
  search_all(from, everywhere);
  return true;
}

}  // namespace heddle::sim
