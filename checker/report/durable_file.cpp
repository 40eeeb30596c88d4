#include "report/durable_file.hpp"

#include <atomic>
#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace heddle::check {

namespace {

constexpr std::string_view unfinished_end = ".new";

bool write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t count = write(descriptor, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

// A rename is only as safe as the folder it changed.
void settle_folder(const std::filesystem::path& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  fsync(descriptor);
  close(descriptor);
}

}  // namespace

bool replace_file(const std::filesystem::path& path, std::string_view content) {
  static std::atomic<unsigned> count{0};
  std::filesystem::path beside = path;
  beside += fmt::format(".{}.{}{}", getpid(), count.fetch_add(1), unfinished_end);
  const int descriptor = open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0) return false;
  const bool written = write_all(descriptor, content) && fsync(descriptor) == 0;
  std::error_code failed;
  if (close(descriptor) == 0 && written) {
    std::filesystem::rename(beside, path, failed);
    if (!failed) {
      settle_folder(path.has_parent_path() ? path.parent_path() : ".");
      return true;
    }
  }
  std::filesystem::remove(beside, failed);
  return false;
}

bool is_unfinished_file(const std::filesystem::path& path) {
  return path.extension() == unfinished_end;
}

}  // namespace heddle::check
