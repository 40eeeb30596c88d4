// `heddle show`: a recorded failure as text, from the file of its report, or from its token.
//
// How it works. A token alone says which schedule, not what happened in it. It is looked for among the reports in the
// given folders; where a binary is given, its schedule is run again without a word and shown.
#include "cli/commands.hpp"
#include "cli/errors.hpp"
#include "cli/read_report.hpp"
#include "cli/replaying.hpp"
#include "cli/token_text.hpp"
#include "report/text.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include <fmt/format.h>
#include <unistd.h>

namespace heddle::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t files_max = 100'000;  // that are looked through for a token

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw usage_error(fmt::format("{} cannot be read", path.string()));
  return {std::istreambuf_iterator<char>(file), {}};
}

void print(const check::report& what) {
  fmt::print("{}\n", check::to_text(what, check::colours_for(STDOUT_FILENO)));
}

int show_file(const fs::path& path) {
  if (path.extension() == ".txt") {
    fmt::print("{}", content_of(path));
    return nothing_found;
  }
  const auto report = check::read_report(content_of(path));
  if (const auto* wrong = std::get_if<std::string>(&report)) {
    throw usage_error(fmt::format("{} is not the report of a failure: {}", path.string(), *wrong));
  }
  print(std::get<check::report>(report));
  return nothing_found;
}

// The file of a report that contains the token.
std::optional<fs::path> find_report(const std::string& token, const std::vector<std::string>& folders) {
  std::size_t looked_at = 0;
  for (const std::string& folder : folders) {
    std::error_code failed;
    for (const auto& entry :
         fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, failed)) {
      if (entry.path().extension() != ".json" || !entry.is_regular_file(failed)) continue;
      if (++looked_at > files_max) return std::nullopt;
      if (content_of(entry.path()).find('"' + token + '"') != std::string::npos) return entry.path();
    }
  }
  return std::nullopt;
}

int show_by_replay(const show_options& chosen) {
  const replay_target target = find_replay(chosen.what, chosen.binary);
  if (!target.notice.empty()) fmt::print(stderr, "heddle: note: {}\n", target.notice);
  const bounds_options bounds;
  const replay_outcome outcome = follow(target, bounds.bounds(), output_use::kept);
  bool shown = false;
  for (const test_result& one : outcome.tests) {
    for (const json& each : one.reports) {
      const auto report = check::read_report(each.dump());
      const auto* const whole = std::get_if<check::report>(&report);
      if (whole == nullptr || (whole->schedules == 0 && whole->error.empty())) continue;
      if (whole->failed()) {
        print(*whole);
      } else {
        fmt::print("{}\n", whole->summary());
      }
      shown = true;
    }
  }
  if (!shown)
    throw usage_error(
        fmt::format("the schedule could not be run again: the process {}\n{}", outcome.end, outcome.output));
  return nothing_found;
}

}  // namespace

int run_show(const show_options& chosen) {
  std::error_code failed;
  const bool is_token = looks_like_token(chosen.what) || chosen.what.starts_with("HEDDLE_REPLAY=");
  if (!is_token && fs::path(chosen.what).extension() != ".token") {
    if (!fs::is_regular_file(chosen.what, failed)) {
      throw usage_error(fmt::format("{} is neither a file nor a replay token", chosen.what));
    }
    return show_file(chosen.what);
  }
  const token_text token = read_token(chosen.what);
  if (!chosen.binary.empty()) return show_by_replay(chosen);
  std::vector<std::string> folders = chosen.folders;
  const char* const reports = std::getenv("HEDDLE_REPORT_DIR");
  if (reports != nullptr && *reports != '\0') folders.emplace_back(reports);
  if (const auto path = find_report(token.text, folders)) return show_file(*path);
  throw usage_error(
      fmt::format("there is no report with this token{}. It stands for schedule {} of seed {}, strategy {}, "
                  "granularity {}, of the test "
                  "with the hash {:08x} in the build {:08x}{}. To see it, give the binary (heddle show {} -- BINARY) "
                  "or a folder of "
                  "reports (--in DIR)",
                  folders.empty() ? "" : " in " + fmt::format("{}", fmt::join(folders, ", ")), token.schedule,
                  token.seed, token.strategy, token.granularity, token.test, token.build,
                  token.has_record ? ", with every decision" : "", chosen.what));
}

}  // namespace heddle::cli
