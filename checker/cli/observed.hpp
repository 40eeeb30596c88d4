// What a process said of its tests, gathered: results, reports and findings.
#pragma once

#include "cli/process.hpp"
#include "cli/suite.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace heddle::cli {

using json = nlohmann::ordered_json;

enum class test_outcome : std::uint8_t {
  not_run,
  passed,
  skipped,
  failed,    // something was found
  broken,    // it failed, or its process ended, outside of any exploration
  unusable,  // nothing could be explored
};

struct test_result {
  std::string name;
  test_outcome outcome = test_outcome::not_run;
  std::vector<json> reports{};  // of its explorations, docs/report-format.md
  std::uint64_t milliseconds = 0;
  std::string end{};     // of its process, if that ended before the test did
  std::string output{};  // the last of what its process printed, if it is broken

  bool has_findings() const;
  std::uint64_t schedules() const;
};

// The results of the tests that a process ran, from the events it says, in order.
class observed {
 public:
  explicit observed(const suite& from) : suite_(from) {}

  // Takes what the process has said since. Returns what ended meanwhile.
  std::vector<test_result> take(process& from);
  // Reports with findings since the last call, those of the test that runs included.
  std::vector<json> take_reports();
  // After the process has ended: the test it was in, if there is one.
  std::vector<test_result> finish(process& from);

 private:
  void event(const json& what, std::vector<test_result>& ended);
  void close_current(test_outcome outcome, std::vector<test_result>& ended);

  const suite& suite_;
  std::vector<json> fresh_;
  test_result current_;  // its name is empty: none
};

// A report of what no report was left of: the schedule in which the process died or was killed.
json report_of_end(const process& what, const suite& from, const std::string& test);

}  // namespace heddle::cli
