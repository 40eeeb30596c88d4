#include "program/standard_streams.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace heddle::check {

standard_streams::standard_streams(bool captures) : input_at_(lseek(STDIN_FILENO, 0, SEEK_CUR)) {
  if (!captures) return;
  kept_ = memfd_create("heddle-output", MFD_CLOEXEC);
  if (kept_ < 0) throw std::system_error(errno, std::generic_category(), "a file in memory for the program's output");
}

standard_streams::~standard_streams() {
  if (kept_ >= 0) close(kept_);
}

off_t standard_streams::printed() const noexcept {
  struct stat about{};
  return kept_ >= 0 && fstat(kept_, &about) == 0 ? about.st_size : 0;
}

void standard_streams::rewind() {
  if (input_at_ >= 0) lseek(STDIN_FILENO, input_at_, SEEK_SET);
  if (printed() == 0) return;
  if (ftruncate(kept_, 0) != 0 || lseek(kept_, 0, SEEK_SET) != 0)
    throw std::system_error(errno, std::generic_category(), "emptying the file of the program's output");
}

void standard_streams::enter() const noexcept {
  if (kept_ < 0) return;
  dup2(kept_, STDOUT_FILENO);
  dup2(kept_, STDERR_FILENO);
}

std::string standard_streams::output() const {
  const off_t size = printed();
  const off_t shown = std::min(size, output_max);
  std::string text(static_cast<std::size_t>(shown), '\0');
  const ssize_t got = pread(kept_, text.data(), text.size(), size - shown);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return text;
}

}  // namespace heddle::check
