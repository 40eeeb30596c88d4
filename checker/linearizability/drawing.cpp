// A history for a terminal: columns, one for each client, and time downwards.
//
// How it works. An invocation and a return take a line each, and the line between them is the interval in which the
// call may have taken effect. Where nothing happened in between, both are one line. Where the columns would be wider
// than a terminal, the lines name the client instead.
#include "heddle/check/linearizability.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace heddle::check::detail {

namespace {

constexpr std::size_t width_max = 110;
constexpr std::size_t lines_max = 200;
constexpr std::size_t order_lines_max = 30;
constexpr std::size_t cell_width_min = 10;

std::string with_result(const drawn_call& one) {
  if (one.when.returned == never) return one.operation + ", which never returned";
  return one.result.empty() ? one.operation : one.operation + " -> " + one.result;
}

std::string name_of(std::uint32_t client) {
  return fmt::format("client {}", client);
}

// What happened to one client on a line.
struct line {
  std::uint32_t client = 0;
  std::string text;
  bool begins = false;  // the interval is open after it
  bool ends = false;
};

std::vector<line> lines_of(std::span<const drawn_call> calls) {
  std::map<std::uint64_t, std::pair<std::size_t, bool>> moments;  // the call, and whether it returns
  for (std::size_t i = 0; i < calls.size(); ++i) {
    moments[calls[i].when.invoked] = {i, false};
    if (calls[i].when.returned != never) moments[calls[i].when.returned] = {i, true};
  }
  std::vector<line> lines;
  for (auto at = moments.begin(); at != moments.end(); ++at) {
    const auto [which, returns] = at->second;
    const drawn_call& one = calls[which];
    const auto next = std::next(at);
    if (returns) {
      lines.push_back({one.client, one.result.empty() ? "+ returned" : "+ -> " + one.result, false, true});
    } else if (next != moments.end() && next->second == std::pair{which, true}) {
      lines.push_back({one.client, with_result(one)});
      ++at;
    } else {
      lines.push_back({one.client, "+ " + one.operation, true});
    }
  }
  for (const drawn_call& one : calls) {
    if (one.when.returned == never) lines.push_back({one.client, ": never returned", false, true});
  }
  return lines;
}

std::string as_columns(const std::vector<line>& lines, const std::map<std::uint32_t, std::size_t>& widths) {
  std::string text;
  for (const auto& [client, width] : widths) text += fmt::format("{:{}}", name_of(client), width);
  text.erase(text.find_last_not_of(' ') + 1);
  std::map<std::uint32_t, int> open;
  std::size_t number = 0;
  for (const line& one : lines) {
    std::string row;
    for (const auto& [client, width] : widths) {
      const bool here = client == one.client;
      row += fmt::format("{:{}}", here ? one.text : open[client] > 0 ? "|" : "", width);
    }
    open[one.client] += (one.begins ? 1 : 0) - (one.ends ? 1 : 0);
    if (number++ + lines_max < lines.size()) continue;
    row.erase(row.find_last_not_of(' ') + 1);
    text += '\n' + row;
  }
  return text;
}

std::string as_list(const std::vector<line>& lines) {
  std::string text;
  for (std::size_t i = lines.size() - std::min(lines.size(), lines_max); i < lines.size(); ++i)
    text += fmt::format("{}{}: {}", text.empty() ? "" : "\n", name_of(lines[i].client), lines[i].text);
  return text;
}

}  // namespace

std::string draw_history(std::span<const drawn_call> calls) {
  const std::vector<line> lines = lines_of(calls);
  std::map<std::uint32_t, std::size_t> widths;
  for (const line& one : lines) {
    std::size_t& width = widths.try_emplace(one.client, cell_width_min).first->second;
    width = std::max(width, one.text.size() + 2);
  }
  std::size_t total = 0;
  for (const auto& [client, width] : widths) total += width;
  std::string text = total <= width_max ? as_columns(lines, widths) : as_list(lines);
  if (lines.size() <= lines_max) return text;
  return fmt::format("({} earlier lines are left out)\n{}", lines.size() - lines_max, text);
}

std::string explain_search(std::span<const drawn_call> calls, const linearizability& searched,
                           std::span<const next_call> next) {
  const auto line_of = [&](std::size_t which) {
    return fmt::format("\n  {}: {}", name_of(calls[which].client), with_result(calls[which]));
  };
  std::string text = draw_history(calls);
  const bool undecided = searched.found == linearizability::outcome::undecided;
  if (undecided)
    text += fmt::format("\nafter {} tries the longest order that was found is:", searched.steps);
  else if (!searched.order.empty())
    text += "\nthe longest order that the specification explains is:";
  const std::size_t count = searched.order.size();
  const std::size_t begin = count - std::min(count, order_lines_max);
  if (begin > 0) text += fmt::format("\n  ({} earlier ones are left out)", begin);
  for (std::size_t i = begin; i < count; ++i) text += line_of(searched.order[i]);
  if (undecided || next.empty()) return text;
  text += count == 0 ? "\nnone of these can come first:" : "\nand none of these can come next:";
  for (const next_call& one : next)
    text += fmt::format("{}, where the specification gives {}", line_of(one.call), one.expected);
  return text;
}

}  // namespace heddle::check::detail
