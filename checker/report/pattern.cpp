#include "report/pattern.hpp"

#include <algorithm>
#include <cstddef>

namespace heddle::check {

bool matches_pattern(std::string_view pattern, std::string_view text) {
  std::size_t star = std::string_view::npos;  // the last one, and where the text behind it begins
  std::size_t behind = 0;
  std::size_t i = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (i < pattern.size() && pattern[i] == '*') {
      star = i++;
      behind = at;
    } else if (i < pattern.size() && pattern[i] == text[at]) {
      ++i;
      ++at;
    } else if (star != std::string_view::npos) {
      i = star + 1;
      at = ++behind;
    } else {
      return false;
    }
  }
  return std::all_of(pattern.begin() + static_cast<std::ptrdiff_t>(i), pattern.end(),
                     [](char letter) { return letter == '*'; });
}

}  // namespace heddle::check
