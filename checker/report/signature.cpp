#include "report/signature.hpp"

#include "report/repeated_places.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

namespace heddle::check {

namespace {

// Frames of the user's code in which a stack is known again. More would tell apart the ways to one mistake.
constexpr std::size_t frames_max = 3;

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

bool is_word(char letter) {
  return is_digit(letter) || (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || letter == '_';
}

std::string base_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

// The innermost frames of the user's code, such as "transfer@bank.cpp < run@bank.cpp"; empty if there are none.
std::string frames_text(const std::vector<frame>& frames) {
  std::string text;
  std::string last;
  std::size_t count = 0;
  for (const frame& one : frames) {
    if (one.internal || one.function.empty()) continue;
    std::string name = one.function + "@" + base_name(one.file);
    if (name == last) continue;
    if (count++ == frames_max) break;
    text += (text.empty() ? "" : " < ") + name;
    last = std::move(name);
  }
  return text;
}

bool is_told_by_its_message(finding_kind kind) {
  return kind == finding_kind::assertion || kind == finding_kind::exception || kind == finding_kind::crash ||
         kind == finding_kind::step_limit;
}

bool is_told_by_who_waits(finding_kind kind) {
  return kind == finding_kind::deadlock || kind == finding_kind::lost_wakeup;
}

// The thread that holds what this one waits for, as its clause says.
std::optional<sim::thread_id> holder(const thread_view& waiting) {
  constexpr std::string_view clause = "held by thread ";
  const std::size_t at = waiting.waiting_for.find(clause);
  if (at == std::string::npos) return std::nullopt;
  sim::thread_id id = 0;
  for (std::size_t i = at + clause.size(); i < waiting.waiting_for.size() && is_digit(waiting.waiting_for[i]); ++i)
    id = id * 10 + static_cast<sim::thread_id>(waiting.waiting_for[i] - '0');
  return id;
}

// Whether the way from this thread to the holder of what it waits for, and on, leads back to it.
bool is_in_cycle(const finding& what, const thread_view& begin) {
  const thread_view* at = &begin;
  for (std::size_t steps = 0; steps < what.threads.size(); ++steps) {
    const auto next = holder(*at);
    if (!next) return false;
    if (*next == begin.id) return true;
    const auto found = std::find_if(what.threads.begin(), what.threads.end(),
                                    [next](const thread_view& one) { return one.id == *next; });
    if (found == what.threads.end()) return false;
    at = &*found;
  }
  return false;
}

// Those that wait for one another make the deadlock; how many others wait behind them differs from schedule to
// schedule.
std::set<std::string> waits(const finding& what) {
  std::set<std::string> cycle;
  std::set<std::string> all;
  std::set<std::string> joining;
  for (const thread_view& one : what.threads) {
    const std::string frames = frames_text(one.where.frames);
    if (one.waiting_for.empty() || frames.empty()) continue;
    const std::string text = without_numbers(one.waiting_for) + " at " + frames;
    if (is_in_cycle(what, one)) cycle.insert(text);
    (one.waiting_for.starts_with("the end of thread") ? joining : all).insert(text);
  }
  for (const task_view& one : what.tasks) {
    if (one.queued || one.awaiting.empty()) continue;
    const place& innermost = one.awaiting.back();
    all.insert(
        fmt::format("{} at {}@{}", without_numbers(one.waiting_for), innermost.function, base_name(innermost.file)));
  }
  if (!cycle.empty()) return cycle;
  return all.empty() ? joining : all;
}

// Those that only look again make the livelock, whichever of them notices it, and wherever each is in its loop then.
std::set<std::string> rounds(const finding& what) {
  std::set<std::string> all;
  for (const place& one : repeated_places(what)) all.insert(one.function + "@" + base_name(one.file));
  return all;
}

// Two sides of a race come in any order.
std::multiset<std::string> stacks(const finding& what) {
  std::multiset<std::string> result;
  for (const stack& one : what.stacks) {
    const std::string frames = frames_text(one.frames);
    if (!frames.empty() && !explains_birth(one)) result.insert(frames);
  }
  return result;
}

// Lines in which GoogleTest shows values, and what stands behind them.
std::string without_values(std::string_view message) {
  std::string text;
  while (!message.empty()) {
    const std::size_t end = std::min(message.find('\n'), message.size());
    std::string_view line = message.substr(0, end);
    message.remove_prefix(std::min(end + 1, message.size()));
    const std::string_view bare = line.substr(std::min(line.find_first_not_of(' '), line.size()));
    if (bare.starts_with("Which is:") || bare.starts_with("Actual:")) continue;
    // What call_log says below is about one history, and so is the expansion of an assertion of RapidCheck.
    if (line == "history:" || line == "Expands to:") break;
    line = line.substr(0, line.find(", actual:"));
    text += without_numbers(line) + '\n';
  }
  return text;
}

std::uint64_t hash(std::string_view text) noexcept {
  std::uint64_t value = 14695981039346656037U;  // FNV-1a
  for (const char letter : text) value = (value ^ static_cast<unsigned char>(letter)) * 1099511628211U;
  return value;
}

}  // namespace

bool explains_birth(const stack& one) {
  return one.title.find("allocated") != std::string::npos;
}

std::string without_numbers(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const char letter = text[i];
    const bool begins_word = i == 0 || !is_word(text[i - 1]);
    if (letter == '"') {
      const std::size_t close = text.find('"', i + 1);
      if (close != std::string_view::npos) {
        result += "\"\"";
        i = close + 1;
        continue;
      }
    }
    if (is_digit(letter) && begins_word) {
      // With what belongs to it: hexadecimal digits, a fraction, a suffix.
      while (i < text.size() && (is_word(text[i]) || (text[i] == '.' && i + 1 < text.size() && is_digit(text[i + 1]))))
        ++i;
      if (result.empty() || result.back() != '#') result += '#';
      continue;
    }
    result += letter;
    ++i;
  }
  return result;
}

std::string signature_text(const finding& what) {
  std::string text = std::string(to_string(what.kind)) + '\n';
  if (is_told_by_its_message(what.kind)) text += without_values(what.message);
  if (is_told_by_who_waits(what.kind)) {
    const std::set<std::string> all = waits(what);
    for (const std::string& one : all) text += one + '\n';
    if (!all.empty()) return text;
  }
  if (what.kind == finding_kind::livelock) {
    for (const std::string& one : rounds(what)) text += one + '\n';
    return text;
  }
  // An endless execution is cut off wherever it happens to be.
  if (what.kind == finding_kind::step_limit) return text;
  const std::multiset<std::string> frames = stacks(what);
  for (const std::string& one : frames) text += one + '\n';
  if (frames.empty() && !what.where.file.empty()) {
    text += "at " + (what.where.function.empty() ? "" : what.where.function + "@") + base_name(what.where.file) + '\n';
  }
  if (!what.variable.empty()) text += "variable " + what.variable + '\n';
  return text;
}

std::string signature_of(const finding& what) {
  return fmt::format("{:016x}", hash(signature_text(what)));
}

void remove_duplicates(std::vector<finding>& all) {
  std::set<std::string> known;
  std::vector<finding> kept;
  for (finding& one : all) {
    if (one.signature.empty()) one.signature = signature_of(one);
    if (known.insert(one.signature).second) kept.push_back(std::move(one));
  }
  all = std::move(kept);
}

}  // namespace heddle::check
