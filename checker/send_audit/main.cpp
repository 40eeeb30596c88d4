// heddle-send-audit: lists what lives across a co_await in a task and must not leave its thread.
//
// It reads the debug information of object files, archives and executables that were compiled for it (docs/send.md).
// Exit: 0 nothing found, 1 findings, 2 usage or files that cannot be audited.
#include "send_audit/coroutines.hpp"
#include "send_audit/debug_info.hpp"
#include "send_audit/report.hpp"
#include "send_audit/rules.hpp"
#include "symbols/names.hpp"

#include <algorithm>
#include <exception>
#include <fstream>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace {

using namespace heddle::send_audit;

constexpr std::string_view usage = R"(usage: heddle-send-audit [options] FILE...

Lists the variables of heddle tasks that live across a co_await and belong to their thread, in object files, archives and
executables that were compiled with debug information: by clang with -g -O0, by g++ with -g.

  --non-send PATTERN  types of this name belong to their thread, as locks do; * stands for any text
  --send PATTERN      types of this name may move, whatever they hold
  --sarif FILE        writes the findings to FILE as SARIF 2.1.0 too
  --list-rules        prints the patterns that are known, and ends
  --help              prints this, and ends

`// send-audit: allow (why)` on the line of a variable, or in a comment above it, leaves it out.
Exit: 0 nothing found, 1 findings, 2 usage or files that cannot be audited.
)";

struct arguments {
  patterns by = default_patterns();
  std::string sarif;
  std::vector<std::string> files;
  bool lists_rules = false;
  bool helps = false;
};

// `--name VALUE` or `--name=VALUE`: the value; nothing if it is another argument. Moves `at` to the last word of it.
std::optional<std::string> value_of(std::string_view name, const std::vector<std::string>& given, std::size_t& at) {
  const std::string& argument = given[at];
  if (argument == name) {
    if (at + 1 == given.size()) throw std::invalid_argument(argument + " wants a value");
    return given[++at];
  }
  if (!argument.starts_with(std::string(name) + "=")) return std::nullopt;
  return argument.substr(name.size() + 1);
}

arguments parse(const std::vector<std::string>& given) {
  arguments result;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const std::string& argument = given[i];
    if (auto non_send = value_of("--non-send", given, i)) {
      result.by.non_send.push_back(*std::move(non_send));
    } else if (auto send = value_of("--send", given, i)) {
      result.by.send.push_back(*std::move(send));
    } else if (auto sarif = value_of("--sarif", given, i)) {
      result.sarif = *std::move(sarif);
    } else if (argument == "--list-rules") {
      result.lists_rules = true;
    } else if (argument == "--help" || argument == "-h") {
      result.helps = true;
    } else if (argument.starts_with("-")) {
      throw std::invalid_argument("unknown option " + argument);
    } else {
      result.files.push_back(argument);
    }
  }
  if (!result.helps && !result.lists_rules && result.files.empty()) throw std::invalid_argument("no file is given");
  return result;
}

// What all files say together.
class audit {
 public:
  explicit audit(const patterns& by) : by_(by) {}

  void add(const module& from) {
    const rules judge(from, by_);
    coroutines all = coroutines_of(from);
    coroutines_ += all.found.size();
    for (const coroutine& one : all.found) {
      for (const held_variable& held : one.held) add(one, held, judge);
    }
    without_frame_.insert(all.without_frame.begin(), all.without_frame.end());
  }

  // In the order of the sources.
  std::vector<finding> findings() const {
    std::vector<finding> result = findings_;
    const auto key = [](const finding& one) {
      return std::tie(one.where.file, one.where.line, one.variable, one.reason);
    };
    std::ranges::sort(result, [&](const finding& a, const finding& b) { return key(a) < key(b); });
    return result;
  }
  std::size_t coroutine_count() const noexcept { return coroutines_; }
  const std::set<std::string>& without_frame() const noexcept { return without_frame_; }

 private:
  void add(const coroutine& one, const held_variable& held, const rules& judge) {
    std::optional<std::string> reason = judge.why_not(held);
    if (!reason.has_value() || is_allowed(held.where)) return;
    const bool is_temporary = held.is_made_up || held.name.starts_with("D.");
    finding found{held.where, heddle::check::short_name(one.function), is_temporary ? "" : held.name,
                  *std::move(reason), held.by};
    // A function in a header is described by each object file.
    if (!seen_.emplace(found.where.file, found.where.line, found.variable, found.reason).second) return;
    findings_.push_back(std::move(found));
  }

  const patterns& by_;
  std::vector<finding> findings_;
  std::size_t coroutines_ = 0;
  std::set<std::string> without_frame_;
  std::set<std::tuple<std::string, unsigned, std::string, std::string>> seen_;
};

int run(const arguments& given) {
  audit result(given.by);
  for (const std::string& file : given.files) {
    for_each_module(file, [&](const module& from) { result.add(from); });
  }
  const std::vector<finding> findings = result.findings();
  fmt::print("{}", as_text(findings));
  if (!given.sarif.empty()) {
    std::ofstream out(given.sarif);
    out << as_sarif(findings);
    if (!out.flush()) throw std::runtime_error(given.sarif + ": cannot be written");
  }
  for (const std::string& name : result.without_frame()) {
    fmt::print(stderr, "heddle-send-audit: {}: its frame is not described; with clang, compile with -g -O0\n", name);
  }
  fmt::print("heddle-send-audit: {} coroutines, {} findings\n", result.coroutine_count(), findings.size());
  if (!findings.empty()) return 1;
  return result.without_frame().empty() ? 0 : 2;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const arguments given = parse({argv + 1, argv + argc});
    if (given.helps) {
      fmt::print("{}", usage);
      return 0;
    }
    if (given.lists_rules) {
      for (const std::string& pattern : given.by.non_send) fmt::print("{}\n", pattern);
      return 0;
    }
    return run(given);
  } catch (const std::invalid_argument& error) {
    fmt::print(stderr, "heddle-send-audit: {}\n\n{}", error.what(), usage);
  } catch (const std::exception& error) {
    fmt::print(stderr, "heddle-send-audit: {}\n", error.what());
  }
  return 2;
}
