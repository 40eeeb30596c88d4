// The schedule for a terminal: columns, one for each task and each thread outside of tasks, and time downwards.
//
// How it works. What ran is in the column of whoever ran it, so a switch is a step to the side. Where the columns would
// be wider than a terminal, narrow lanes show who ran, and what stands beside them; where there are too many for that,
// the lines name who.
#include "report/text.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace heddle::check {

namespace {

constexpr std::size_t width_max = 120;
constexpr std::size_t lanes_width_max = 60;
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

// Threads first.
using actor = std::pair<std::uint32_t, sim::thread_id>;

actor actor_of(const moment& one) {
  return one.task != 0 ? actor{one.task, 0} : actor{0, one.thread};
}

std::string name_of(const actor& who) {
  return who.first != 0 ? fmt::format("task {}", who.first) : fmt::format("thread {}", who.second);
}

using widths = std::map<actor, std::size_t>;

std::size_t total(const widths& columns) {
  return std::accumulate(columns.begin(), columns.end(), std::size_t{0},
                         [](std::size_t sum, const auto& one) { return sum + one.second; });
}

std::string head_of(const widths& columns) {
  std::string text(indent);
  for (const auto& [who, width] : columns) text += fmt::format("{:{}}", name_of(who), width);
  text.erase(text.find_last_not_of(' ') + 1);
  return text + '\n';
}

std::string in_columns(const std::vector<moment>& timeline, const widths& columns) {
  std::string text = head_of(columns);
  for (const moment& one : timeline) {
    std::size_t left = indent.size();
    for (auto column = columns.begin(); column->first != actor_of(one); ++column) left += column->second;
    text += fmt::format("{:{}}{}\n", "", left, cell_of(one));
  }
  return text;
}

std::string in_lanes(const std::vector<moment>& timeline, const widths& lanes) {
  std::string text = head_of(lanes);
  for (const moment& one : timeline) {
    text += indent;
    for (const auto& [who, width] : lanes) text += fmt::format("{:{}}", who == actor_of(one) ? "*" : ".", width);
    text += cell_of(one) + '\n';
  }
  return text;
}

std::string as_list(const std::vector<moment>& timeline, const widths& names) {
  std::size_t width = 0;
  for (const auto& one : names) width = std::max(width, one.second);
  std::string text;
  for (const moment& one : timeline)
    text += fmt::format("{}{:{}}{}\n", indent, name_of(actor_of(one)), width, cell_of(one));
  return text;
}

}  // namespace

std::string timeline_text(const std::vector<moment>& timeline) {
  widths columns;
  widths lanes;
  for (const moment& one : timeline) {
    std::size_t& width = columns[actor_of(one)];
    std::size_t& lane = lanes[actor_of(one)];
    lane = name_of(actor_of(one)).size() + 2;
    width = std::max({width, cell_of(one).size() + 2, lane});
  }
  if (indent.size() + total(columns) <= width_max) return in_columns(timeline, columns);
  if (total(lanes) <= lanes_width_max) return in_lanes(timeline, lanes);
  return as_list(timeline, lanes);
}

}  // namespace heddle::check
