#include "report/text.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace heddle::check {

namespace {

constexpr std::size_t width_max = 120;
constexpr std::string_view indent = "    ";

std::string base_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string cell_of(const moment& one) {
  std::string text = one.what;
  if (!one.where.file.empty()) text += fmt::format("  {}:{}", base_name(one.where.file), one.where.line);
  if (one.times > 1) text += fmt::format("  {} times", one.times);
  return text;
}

struct column {
  std::size_t left = 0;
  std::size_t width = 0;
};

}  // namespace

std::string timeline_text(const std::vector<moment>& timeline) {
  std::map<sim::thread_id, column> columns;
  for (const moment& one : timeline) {
    column& its = columns[one.thread];
    its.width = std::max({its.width, cell_of(one).size() + 2, fmt::formatted_size("thread {}  ", one.thread)});
  }
  std::size_t width = indent.size();
  for (auto& [thread, its] : columns) {
    its.left = width;
    width += its.width;
  }
  std::string text;
  if (width > width_max) {
    for (const moment& one : timeline) text += fmt::format("{}thread {:<3} {}\n", indent, one.thread, cell_of(one));
    return text;
  }
  std::string head;
  for (const auto& [thread, its] : columns) head += fmt::format("{:{}}thread {}", "", its.left - head.size(), thread);
  text = head + "\n";
  for (const moment& one : timeline) text += fmt::format("{:{}}{}\n", "", columns[one.thread].left, cell_of(one));
  return text;
}

}  // namespace heddle::check
