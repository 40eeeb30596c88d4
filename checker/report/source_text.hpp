// Lines of source files, for reports to show.
//
// How it works. A file is read when the first of its lines is asked for. One that was changed after the executable was
// linked shows nothing: its lines may not be those that ran.
//
// Limits: files of more than file_size_max bytes and lines beyond line_length_max are left out or cut.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace heddle::check {

class source_text {
 public:
  static constexpr std::uintmax_t file_size_max = std::uintmax_t{8} << 20;
  static constexpr std::size_t line_length_max = 100;

  // The line, from 1, without the space around it; empty where there is none.
  std::string line(const std::string& file, unsigned number);

 private:
  const std::vector<std::string>& lines_of(const std::string& file);

  std::map<std::string, std::vector<std::string>> files_;
};

}  // namespace heddle::check
