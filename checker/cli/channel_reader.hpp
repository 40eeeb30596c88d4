// The command's end of a channel: see explore/channel_page.hpp.
//
// Thread safety: none; one thread uses it. What it reads may be written meanwhile by the test binary, or be left
// unfinished by one that was killed: a line counts when its newline is there.
#pragma once

#include "explore/channel_page.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace heddle::cli {

class channel_reader {
 public:
  // Makes the file, which has no name. Throws std::system_error.
  channel_reader();
  channel_reader(const channel_reader&) = delete;
  channel_reader& operator=(const channel_reader&) = delete;
  ~channel_reader();

  // Inherited by the test binary.
  int descriptor() const noexcept { return descriptor_; }
  // Whether a test binary opened it.
  bool is_connected() const noexcept;
  const check::channel_page& page() const noexcept { return *page_; }

  // The whole lines since the last call.
  std::vector<std::string> take_lines();

  // Of the schedule that ran last: empty if none did.
  std::string token() const;
  std::string exploration() const;

 private:
  int descriptor_;
  check::channel_page* page_ = nullptr;
  std::uint64_t read_ = check::channel_page_size;
  std::string rest_;
};

}  // namespace heddle::cli
