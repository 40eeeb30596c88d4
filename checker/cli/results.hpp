// What a command found, as files for machines and people: JSON, JUnit, SARIF, and a page.
//
// How it works. A command fills in one `results`, and each format is a function of it. docs/command-line.md describes
// them.
#pragma once

#include "cli/commands.hpp"
#include "cli/corpus/record.hpp"
#include "cli/observed.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::cli {

// One finding, as much of it as lists show.
struct finding_entry {
  std::string kind;
  std::string signature;
  std::string message;  // its first line is a sentence
  std::string file;     // where it was noticed; may be empty
  unsigned line = 0;
  std::string token;
  std::string replay;  // the command
  std::string state;   // of a corpus, such as "fixed"; or empty
  json report;         // the whole of it, or null
};

struct test_entry {
  std::string program;  // path
  std::string build;    // as tokens have it
  std::string name;
  std::string outcome;  // passed, proved, skipped, failed, broken, unusable
  std::uint64_t schedules = 0;
  double seconds = 0;
  std::string end;     // of its process, if that ended before the test did; or why nothing was explored
  std::string output;  // the last of what its process printed, where that matters
  // As reports tell of them: strategy, distinct schedules, what is unseen.
  std::vector<json> explorations;
  std::vector<finding_entry> findings;
};

struct results {
  std::string command;    // that made them, such as "heddle test"
  std::string summary{};  // one line
  double seconds = 0;
  std::vector<test_entry> tests{};
};

// Those of one report.
std::vector<finding_entry> findings_of(const json& report);
test_entry entry_of(const suite& from, const test_result& result);
// Of a corpus, in that state.
finding_entry entry_of(const finding_record& what, std::string_view state);

std::string to_json(const results& what);
std::string to_junit(const results& what);
std::string to_sarif(const results& what);
std::string to_page(const results& what);

// Writes the files that are asked for. Throws usage_error for one that cannot be written.
void write_files(const results& what, const output_files& files);

// Text between the tags of XML or HTML.
std::string escaped_for_markup(std::string_view text);

}  // namespace heddle::cli
