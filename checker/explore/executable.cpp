#include "explore/executable.hpp"

#include "explore/elf_notes.hpp"

#include <array>
#include <climits>
#include <string_view>

#include <link.h>
#include <unistd.h>

namespace heddle::check {

namespace {

// The executable is the first object of the iteration.
int visit(dl_phdr_info* object, std::size_t, void* result) {
  for (std::size_t i = 0; i < object->dlpi_phnum; ++i) {
    const auto& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    const auto* notes = reinterpret_cast<const char*>(object->dlpi_addr + segment.p_vaddr);
    const std::uint32_t id = build_id_in(notes, segment.p_memsz);
    if (id != 0) *static_cast<std::uint32_t*>(result) = id;
  }
  return 1;
}

}  // namespace

std::uint32_t build_hash() noexcept {
  static const std::uint32_t hash = [] {
    std::uint32_t id = 0;
    dl_iterate_phdr(&visit, &id);
    return id;
  }();
  return hash;
}

std::string executable_path() {
  std::array<char, PATH_MAX> path{};
  const ssize_t length = readlink("/proc/self/exe", path.data(), path.size());
  return length > 0 ? std::string(path.data(), static_cast<std::size_t>(length)) : std::string("<executable>");
}

std::string shell_word(const std::string& text) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%";
  if (!text.empty() && text.find_first_not_of(plain) == std::string::npos) return text;
  std::string quoted = "'";
  for (const char letter : text) quoted += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
  return quoted + "'";
}

}  // namespace heddle::check
