#include "cli/binary.hpp"

#include "cli/errors.hpp"
#include "explore/elf_notes.hpp"
#include "explore/note.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

namespace heddle::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t notes_max = 1U << 20;  // of one segment

struct marks {
  std::uint32_t build = 0;
  std::optional<std::uint32_t> protocol;
};

void read_notes(const std::vector<char>& notes, marks& into) {
  if (const std::uint32_t id = check::build_id_in(notes.data(), notes.size())) into.build = id;
  check::for_each_note(notes.data(), notes.size(),
                       [&](std::string_view owner, std::uint32_t type, std::string_view value) {
                         if (owner != check::note_owner || type != check::note_type || value.size() != 4) return true;
                         std::uint32_t version = 0;
                         std::memcpy(&version, value.data(), sizeof version);
                         into.protocol = version;
                         return false;
                       });
}

// The notes of an ELF executable of this machine; nothing if it is none.
std::optional<marks> marks_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  ElfW(Ehdr) head{};
  if (!file.read(reinterpret_cast<char*>(&head), sizeof head)) return std::nullopt;
  const bool elf = std::memcmp(head.e_ident, ELFMAG, SELFMAG) == 0 && head.e_phentsize == sizeof(ElfW(Phdr));
  if (!elf || (head.e_type != ET_EXEC && head.e_type != ET_DYN)) return std::nullopt;
  marks result;
  for (std::size_t i = 0; i < head.e_phnum; ++i) {
    ElfW(Phdr) segment{};
    file.seekg(static_cast<std::streamoff>(head.e_phoff + i * sizeof segment));
    if (!file.read(reinterpret_cast<char*>(&segment), sizeof segment)) return std::nullopt;
    if (segment.p_type != PT_NOTE || segment.p_filesz > notes_max) continue;
    std::vector<char> notes(segment.p_filesz);
    file.seekg(static_cast<std::streamoff>(segment.p_offset));
    if (file.read(notes.data(), static_cast<std::streamsize>(notes.size()))) read_notes(notes, result);
    file.clear();
  }
  return result;
}

// As a shell finds it, but for the working directory, which comes first.
std::string find(const std::string& name) {
  std::error_code failed;
  if (name.find('/') != std::string::npos) return name;
  if (fs::is_regular_file(name, failed)) return "./" + name;
  const char* const searched = std::getenv("PATH");
  std::string_view folders = searched == nullptr ? "" : searched;
  while (!folders.empty()) {
    const std::size_t end = std::min(folders.find(':'), folders.size());
    const fs::path path = fs::path(folders.substr(0, end)) / name;
    if (fs::is_regular_file(path, failed)) return path.string();
    folders.remove_prefix(std::min(end + 1, folders.size()));
  }
  return name;
}

}  // namespace

binary inspect(const std::string& path) {
  binary result{.path = find(path)};
  std::error_code failed;
  const fs::file_status status = fs::status(result.path, failed);
  if (!fs::exists(status)) throw usage_error(fmt::format("there is no file {}", path));
  if (fs::is_directory(status)) throw usage_error(fmt::format("{} is a folder, not a test binary", path));
  if (access(result.path.c_str(), R_OK | X_OK) != 0) {
    throw usage_error(fmt::format("{} cannot be run: {}", path, std::strerror(errno)));
  }
  const auto found = marks_of(result.path);
  if (!found) {
    throw usage_error(
        fmt::format("{} is no ELF executable; name the test binary itself, not a script around it", path));
  }
  if (!found->protocol) {
    throw usage_error(
        fmt::format("{} was not built with heddle's checker (or with one older than this command): link it with "
                    "heddle::gtest or heddle::checker and pass it to heddle_check, or, a whole program, to "
                    "heddle_check_program",
                    path));
  }
  if (*found->protocol != check::protocol_version) {
    throw usage_error(fmt::format(
        "{} was built with a heddle that this command does not understand (it speaks version {}, the command {}): use "
        "the command of the same heddle",
        path, *found->protocol, check::protocol_version));
  }
  result.build = found->build;
  return result;
}

}  // namespace heddle::cli
