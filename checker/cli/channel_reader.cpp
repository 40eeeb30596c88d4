#include "cli/channel_reader.hpp"

#include "explore/token.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

namespace heddle::cli {

namespace {

// Above what test binaries get when they open files.
constexpr int descriptor_min = 800;

std::system_error last_error(const char* what) {
  return {errno, std::generic_category(), what};
}

}  // namespace

channel_reader::channel_reader() {
  const int low = memfd_create("heddle-channel", MFD_CLOEXEC);
  if (low < 0) throw last_error("a channel to a test binary");
  const int high = fcntl(low, F_DUPFD_CLOEXEC, descriptor_min);
  descriptor_ = high < 0 ? low : high;
  if (high >= 0) close(low);
  void* page = MAP_FAILED;
  if (ftruncate(descriptor_, check::channel_page_size) == 0) {
    page = mmap(nullptr, check::channel_page_size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0);
  }
  if (page == MAP_FAILED) {
    const std::system_error why = last_error("a channel to a test binary");
    close(descriptor_);
    throw why;
  }
  page_ = static_cast<check::channel_page*>(page);
}

channel_reader::~channel_reader() {
  munmap(page_, check::channel_page_size);
  close(descriptor_);
}

bool channel_reader::is_connected() const noexcept {
  return page_->magic.load(std::memory_order_acquire) == check::channel_magic;
}

std::vector<std::string> channel_reader::take_lines() {
  std::array<char, 1U << 16> buffer;
  while (true) {
    const ssize_t count = pread(descriptor_, buffer.data(), buffer.size(), static_cast<off_t>(read_));
    if (count <= 0) break;
    rest_.append(buffer.data(), static_cast<std::size_t>(count));
    read_ += static_cast<std::uint64_t>(count);
  }
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = rest_.find('\n', begin)) != std::string::npos; begin = end + 1) {
    lines.push_back(rest_.substr(begin, end - begin));
  }
  rest_.erase(0, begin);
  return lines;
}

std::string channel_reader::token() const {
  if (!is_connected() || page_->exploring.load(std::memory_order_acquire) == 0) return {};
  const std::string text =
      fmt::format("{}-{}", page_->token_head.data(), page_->schedule.load(std::memory_order_relaxed));
  return fmt::format("{}-{}", text, check::check_of_token(text));
}

std::string channel_reader::exploration() const {
  if (!is_connected() || page_->exploring.load(std::memory_order_acquire) == 0) return {};
  return page_->name.data();
}

}  // namespace heddle::cli
