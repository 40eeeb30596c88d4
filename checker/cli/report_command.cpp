// `heddle report`: what a corpus, or a folder of reports, has to say.
#include "cli/commands.hpp"
#include "cli/corpus/store.hpp"
#include "cli/errors.hpp"
#include "cli/results.hpp"
#include "cli/terminal.hpp"
#include "report/counted.hpp"
#include "report/files.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <tuple>

#include <fmt/format.h>

namespace heddle::cli {

namespace {

namespace fs = std::filesystem;

json read_json(const fs::path& path) {
  return json::parse(std::ifstream(path), nullptr, false);
}

class corpus_report {
 public:
  explicit corpus_report(corpus_store& store) : store_(store) {}

  results run() {
    for (const auto& [key, one] : store_.state().progress()) add(one);
    for (const auto& [key, one] : store_.state().findings()) add(one);
    results all{.command = "heddle report"};
    std::size_t open = 0;
    std::size_t fixed = 0;
    std::uint64_t schedules = 0;
    for (const auto& [key, one] : tests_) {
      const test_entry& entry = one.entry;
      for (const finding_entry& each : entry.findings) ++(each.state == "fixed" ? fixed : open);
      schedules += entry.schedules;
      all.seconds += entry.seconds;
      all.tests.push_back(entry);
    }
    all.summary = fmt::format("{}, {}: {}, {} fixed", check::counted(tests_.size(), "test"),
                              check::counted(schedules, "schedule"), check::counted(open, "open finding"), fixed);
    return all;
  }

 private:
  struct test {
    test_entry entry;
    check::sketch seen;
  };

  test& test_of(const std::string& program, const std::string& name) {
    test& one = tests_[{program, name}];
    one.entry.program = program;
    one.entry.name = name;
    if (one.entry.outcome.empty()) one.entry.outcome = "passed";
    return one;
  }

  void add(const progress_record& what) {
    test& one = test_of(what.program, what.test);
    one.entry.build = what.build;
    one.entry.schedules += what.schedules;
    one.entry.seconds += static_cast<double>(what.milliseconds) / 1000;
    one.seen.join(what.seen);
  }

  void add(const finding_state& what) {
    test& one = test_of(what.last.program, what.last.test);
    one.entry.findings.push_back(entry_of(what.last, what.is_fixed() ? "fixed" : "open"));
    if (!what.is_fixed()) one.entry.outcome = "failed";
    const fs::path path =
        store_.reports_of(what.last.build) / (check::report_file_name(what.last.test, what.last.signature) + ".json");
    json report = read_json(path);
    if (report.is_object()) one.entry.findings.back().report = std::move(report);
  }

  corpus_store& store_;
  std::map<std::tuple<std::string, std::string>, test> tests_;
};

// A folder that HEDDLE_REPORT_DIR named.
results results_of_reports(const fs::path& folder) {
  results all{.command = "heddle report"};
  std::map<std::string, test_entry> tests;
  std::size_t findings = 0;
  std::error_code failed;
  for (const auto& file : fs::directory_iterator(folder, failed)) {
    if (file.path().extension() != ".json") continue;
    const json report = read_json(file.path());
    if (!report.is_object() || report.value("format", "") != "heddle-report") continue;
    test_entry& entry = tests[report.value("test", "")];
    entry.name = report.value("test", "");
    entry.program = report.value("program", "");
    entry.outcome = "failed";
    for (finding_entry& one : findings_of(report)) entry.findings.push_back(std::move(one));
    ++findings;
  }
  if (failed) throw usage_error(fmt::format("{} cannot be read: {}", folder.string(), failed.message()));
  for (auto& [name, entry] : tests) all.tests.push_back(std::move(entry));
  all.summary = fmt::format("{} with {}", check::counted(all.tests.size(), "test"), check::counted(findings, "report"));
  return all;
}

void print(const results& what) {
  terminal screen;
  for (const test_entry& test : what.tests) {
    screen.print(fmt::format("{} {}: {}{}", test.program, test.name, test.outcome,
                             test.schedules == 0 ? "" : fmt::format(", {} schedules", test.schedules)));
    for (const finding_entry& one : test.findings) {
      screen.print(fmt::format("  {}{}: {}{}", one.state.empty() ? "" : one.state + " ",
                               screen.coloured(one.kind, "1;31"), one.message.substr(0, one.message.find('\n')),
                               one.file.empty() ? "" : fmt::format("\n    at {}:{}", one.file, one.line)));
      screen.print("    " + one.replay);
    }
  }
  screen.print(what.summary);
}

}  // namespace

int run_report(const report_options& chosen) {
  results all;
  if (fs::exists(fs::path(chosen.folder) / "heddle-corpus")) {
    corpus_store store(chosen.folder, corpus_store::missing::wrong);
    store.load();
    all = corpus_report(store).run();
  } else {
    all = results_of_reports(chosen.folder);
  }
  print(all);
  write_files(all, chosen.files);
  const auto open = [](const test_entry& one) { return one.outcome == "failed"; };
  return std::any_of(all.tests.begin(), all.tests.end(), open) ? found : nothing_found;
}

}  // namespace heddle::cli
