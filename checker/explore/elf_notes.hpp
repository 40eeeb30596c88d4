// The notes of an ELF file: small records with an owner, such as the build id.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

#include <elf.h>
#include <link.h>

namespace heddle::check {

// Calls `visit(owner, type, value)` with each note of one segment, until it returns false.
template <typename Visit>
void for_each_note(const char* notes, std::size_t size, Visit visit) {
  const auto padded = [](std::size_t bytes) { return (bytes + 3) & ~std::size_t{3}; };
  for (std::size_t at = 0; at + sizeof(ElfW(Nhdr)) <= size;) {
    ElfW(Nhdr) header;
    std::memcpy(&header, notes + at, sizeof header);
    const std::size_t name = at + sizeof header;
    const std::size_t value = name + padded(header.n_namesz);
    at = value + padded(header.n_descsz);
    if (at > size || header.n_namesz == 0) return;
    const std::string_view owner(notes + name, header.n_namesz - 1);
    if (!visit(owner, header.n_type, std::string_view(notes + value, header.n_descsz))) return;
  }
}

// The first four bytes of the build id within one segment of notes; 0 if it is not there.
inline std::uint32_t build_id_in(const char* notes, std::size_t size) {
  std::uint32_t id = 0;
  for_each_note(notes, size, [&](std::string_view owner, std::uint32_t type, std::string_view value) {
    if (type != NT_GNU_BUILD_ID || owner != "GNU" || value.size() < 4) return true;
    for (std::size_t i = 0; i < 4; ++i) id = (id << 8) | static_cast<unsigned char>(value[i]);
    return false;
  });
  return id;
}

}  // namespace heddle::check
