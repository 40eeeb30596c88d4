// A night's work: all tests of all binaries, until the time is over.
//
// How it works. First the findings that are open are looked for by their tokens. Then slices (unit.hpp) run, as many at
// a time as there are jobs, each for the test whose turn it is. A finding is written down, in the corpus first and on
// the terminal then, when it is found; the test goes on. At the end those that were not seen again are judged
// (outcome.hpp).
//
// Invariants.
//   1. What is printed as found is in the corpus.
//   2. A slice counts as done when its findings are in the corpus. One that is cut off is done again, with the same
//   seed.
//
// Thread safety: none.
#pragma once

#include "cli/commands.hpp"
#include "cli/fuzz/outcome.hpp"
#include "cli/fuzz/shard.hpp"
#include "cli/fuzz/unit.hpp"
#include "cli/observed.hpp"
#include "cli/replaying.hpp"
#include "cli/results.hpp"
#include "cli/terminal.hpp"

#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace heddle::cli {

class fuzz_run {
 public:
  fuzz_run(const fuzz_options& chosen, shard which, std::vector<std::unique_ptr<suite>> suites);

  int run();

 private:
  using clock = process::clock;

  struct running {
    running(unit& of, const command_line& what, const process_bounds& bounds)
        : test(of), seen(of.from()), its(what, bounds, output_use::kept) {}
    unit& test;
    observed seen;
    process its;
    slice_plan slice;                   // of a slice
    std::optional<finding_key> wanted;  // of a finding that is looked for
  };

  void start_what_is_due();
  bool start_retry();
  bool start_slice();
  command_line command_for(const unit& test) const;
  void look_at_all();
  void take(running& one, std::vector<test_result> results);
  void end(running& one);
  void keep_report(const unit& test, const json& report);
  void note(running& one, const test_result& result);
  void print(finding_fate fate, const unit& where, const json* report, const std::string& text);
  bool is_over() const;
  double seconds() const;
  std::uint64_t schedules() const;
  void keep_progress(unit& test, bool now);
  std::string progress_text() const;
  void finish();
  std::string summary() const;
  results all_results() const;

  const fuzz_options& chosen_;
  const shard shard_;
  const std::vector<std::unique_ptr<suite>> suites_;
  std::optional<corpus_store> store_;
  slice_rule rule_;
  std::vector<unit> units_;
  std::optional<night_findings> findings_;
  std::vector<finding_key> retries_;
  std::list<running> running_;
  std::map<const unit*, clock::time_point> progress_kept_;
  std::map<const unit*, std::string> unusable_;
  std::map<std::string, json> reports_;  // by token: for the files at the end
  terminal screen_;
  const clock::time_point begun_ = clock::now();
};

}  // namespace heddle::cli
