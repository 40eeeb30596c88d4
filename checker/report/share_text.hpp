// A share as a reader wants it: "12%", "0.4%", ">99.9%".
#pragma once

#include <string>

#include <fmt/format.h>

namespace heddle::check {

inline std::string share_text(double share) {
  const double percent = 100 * share;
  if (percent > 99.9 && percent < 100) return ">99.9%";
  if (percent > 0 && percent < 0.1) return "<0.1%";
  return percent < 10 || percent > 99 ? fmt::format("{:.1f}%", percent) : fmt::format("{:.0f}%", percent);
}

}  // namespace heddle::check
