#include "program/shared_buffer.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <sys/mman.h>

namespace heddle::check {

shared_buffer::shared_buffer() {
  void* const memory =
      mmap(nullptr, capacity, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "memory shared with the schedules");
  head_ = static_cast<head*>(memory);
}

shared_buffer::~shared_buffer() {
  munmap(head_, capacity);
}

void shared_buffer::clear() noexcept {
  // Whether the memory comes back matters to nobody but the machine it runs on.
  if (head_->size > kept) madvise(head_, capacity, MADV_REMOVE);
  *head_ = {};
  read_ = 0;
}

std::string shared_buffer::get_text() {
  const std::size_t size = std::min<std::size_t>(get<std::uint32_t>(), head_->size - read_);
  std::string text(size, '\0');
  get_bytes(text.data(), size);
  return text;
}

}  // namespace heddle::check
