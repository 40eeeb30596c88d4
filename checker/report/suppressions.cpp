#include "report/suppressions.hpp"

#include "report/pattern.hpp"
#include "report/signature.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include <fmt/format.h>

namespace heddle::check {

namespace {

constexpr std::string_view reason_mark = "reason:";
constexpr std::string_view syntax =
    "a line is: <kind> function=<pattern> file=<pattern> reason: <why>, with a function, a file or both";

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\r";
  const std::size_t begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) + 1 - begin);
}

// Takes the first word off the text.
std::string_view take_word(std::string_view& text) {
  text = trimmed(text);
  const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

std::string unknown_kind(std::string_view name) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < finding_kinds; ++i) names.push_back(to_string(static_cast<finding_kind>(i)));
  return fmt::format("`{}` is no kind of finding; allowed: {}", name, fmt::join(names, ", "));
}

// Reads one pattern into its field. Returns what is wrong, or nothing.
std::string read_pattern(std::string_view word, suppression& into) {
  const std::size_t equals = word.find('=');
  const std::string_view key = word.substr(0, equals);
  const std::string_view value = equals == std::string_view::npos ? std::string_view() : word.substr(equals + 1);
  if (key != "function" && key != "file") return fmt::format("`{}` is not understood; {}", word, syntax);
  std::string& field = key == "function" ? into.function : into.file;
  if (!field.empty()) return fmt::format("`{}=` stands there twice", key);
  if (value.empty()) return fmt::format("`{}=` has no pattern", key);
  field = value;
  return {};
}

// Reads one line. Returns what is wrong, or nothing.
std::string read_line(std::string_view line, suppression& into) {
  const std::size_t mark = line.find(reason_mark);
  if (mark == std::string_view::npos) return fmt::format("it has no reason; {}", syntax);
  into.reason = trimmed(line.substr(mark + reason_mark.size()));
  std::string_view rest = line.substr(0, mark);
  const std::string_view name = take_word(rest);
  const auto kind = parse_finding_kind(name);
  if (!kind) return unknown_kind(name);
  into.kind = *kind;
  for (std::string_view word = take_word(rest); !word.empty(); word = take_word(rest)) {
    if (std::string wrong = read_pattern(word, into); !wrong.empty()) return wrong;
  }
  return what_is_wrong_with(into);
}

bool matches_file(const std::string& pattern, std::string_view file) {
  if (pattern.empty()) return true;
  const bool anywhere = pattern.front() != '/' && pattern.front() != '*';
  return matches_pattern(pattern, file) || (anywhere && matches_pattern("*/" + pattern, file));
}

bool matches_place(const suppression& rule, std::string_view function, std::string_view file) {
  return (rule.function.empty() || matches_pattern(rule.function, function)) && matches_file(rule.file, file);
}

bool matches_frames(const suppression& rule, const std::vector<frame>& frames) {
  return std::any_of(frames.begin(), frames.end(),
                     [&](const frame& one) { return !one.internal && matches_place(rule, one.function, one.file); });
}

// Suppressions from files that explorations of this process had, and whether one of them used it.
struct usage {
  suppression rule;
  bool used = false;
};
std::map<std::string, usage>& usages() {
  static auto* const by_origin = new std::map<std::string, usage>;  // it is read at exit
  return *by_origin;
}

void print_unused() {
  for (const auto& [origin, its] : usages()) {
    if (its.used) continue;
    fmt::print(stderr, "heddle: note: {}: the suppression `{}` matched nothing in this process\n", origin,
               to_string(its.rule));
  }
}

}  // namespace

std::variant<std::vector<suppression>, std::string> parse_suppressions(std::string_view text,
                                                                       const std::string& origin) {
  std::vector<suppression> all;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    suppression one;
    one.origin = fmt::format("{}:{}", origin, number);
    if (const std::string wrong = read_line(line, one); !wrong.empty()) return fmt::format("{}: {}", one.origin, wrong);
    all.push_back(std::move(one));
  }
  return all;
}

std::variant<std::vector<suppression>, std::string> read_suppressions(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) return fmt::format("{} cannot be read", path);
  return parse_suppressions(text.str(), path);
}

std::string what_is_wrong_with(const suppression& one) {
  if (one.reason.empty()) return fmt::format("the suppression of {} has no reason", to_string(one.kind));
  if (one.function.empty() && one.file.empty())
    return fmt::format("the suppression of {} names neither a function nor a file", to_string(one.kind));
  return {};
}

bool suppresses(const suppression& rule, const finding& what) {
  if (rule.kind != what.kind) return false;
  const bool by_stack = std::any_of(what.stacks.begin(), what.stacks.end(), [&](const stack& one) {
    return !explains_birth(one) && matches_frames(rule, one.frames);
  });
  if (by_stack || (!what.where.file.empty() && matches_place(rule, what.where.function, what.where.file))) return true;
  const auto matches_any = [&](const std::vector<place>& all) {
    return std::any_of(all.begin(), all.end(),
                       [&](const place& one) { return matches_place(rule, one.function, one.file); });
  };
  const bool by_thread = std::any_of(what.threads.begin(), what.threads.end(), [&](const thread_view& one) {
    const bool matters = !one.waiting_for.empty() || !one.repeated.empty();
    return (matters && matches_frames(rule, one.where.frames)) || matches_any(one.repeated);
  });
  return by_thread || std::any_of(what.tasks.begin(), what.tasks.end(), [&](const task_view& task) {
           return matches_any(task.awaiting) || matches_any(task.repeated);
         });
}

std::string to_string(const suppression& one) {
  std::string text(to_string(one.kind));
  if (!one.function.empty()) text += " function=" + one.function;
  if (!one.file.empty()) text += " file=" + one.file;
  return text;
}

suppression_list::suppression_list(const std::vector<suppression>& all) {
  for (const suppression& one : all) rules_.push_back({one, 0});
}

std::optional<std::size_t> suppression_list::rule_for(const finding& what) const {
  const auto rule = std::find_if(rules_.begin(), rules_.end(),
                                 [&what](const suppressed_findings& each) { return suppresses(each.by, what); });
  if (rule == rules_.end()) return std::nullopt;
  return static_cast<std::size_t>(rule - rules_.begin());
}

void suppression_list::count(std::vector<std::size_t> numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  for (const std::size_t number : numbers) ++rules_[number].schedules;
}

void suppression_list::leave_the_others(std::vector<finding>& all) const {
  const auto is_hidden = [this](const finding& one) { return rule_for(one).has_value(); };
  if (!std::all_of(all.begin(), all.end(), is_hidden)) std::erase_if(all, is_hidden);
}

std::vector<suppressed_findings> suppression_list::used() const {
  std::vector<suppressed_findings> result;
  std::copy_if(rules_.begin(), rules_.end(), std::back_inserter(result),
               [](const suppressed_findings& one) { return one.schedules != 0; });
  return result;
}

std::vector<suppression> suppression_list::unused() const {
  std::vector<suppression> result;
  for (const suppressed_findings& one : rules_) {
    if (one.schedules == 0) result.push_back(one.by);
  }
  return result;
}

void report_unused_at_exit(const suppression_list& after_an_exploration) {
  static const int registered = std::atexit(&print_unused);
  static_cast<void>(registered);
  for (const suppressed_findings& one : after_an_exploration.all()) {
    if (one.by.origin.empty()) continue;
    usage& its = usages()[one.by.origin];
    its = {one.by, its.used || one.schedules != 0};
  }
}

}  // namespace heddle::check
