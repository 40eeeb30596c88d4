// The commands of `heddle`, apart from how their arguments are written: arguments.cpp does that.
//
// Each returns the exit code of the process, and throws usage_error for what the user can put right.
#pragma once

#include "cli/process.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace heddle::cli {

struct bounds_options {
  std::chrono::milliseconds hang{120'000};  // without a sign of life
  std::uint64_t memory = 0;                 // bytes; 0: a share of the machine's
  unsigned jobs = 1;

  process_bounds bounds() const { return {.silence = hang, .memory = memory == 0 ? memory_for_each(jobs) : memory}; }
};

// What the environment of a test binary says of an exploration; empty: what the test says.
struct exploration_options {
  std::string strategy;
  std::string schedules;
  std::string time;
  std::string seed;
};

// Where results go besides to the terminal; empty: nowhere.
struct output_files {
  std::string json{};
  std::string html{};
  std::string junit{};
  std::string sarif{};
};

struct test_options {
  exploration_options explore;
  bounds_options bounds;
  output_files files;
  std::vector<std::string> binary;  // and its arguments
};
int run_test(const test_options& chosen);

struct replay_options {
  std::string token;
  bool in_gdb = false;
  std::string json;
  bounds_options bounds;
  std::vector<std::string> binary;
};
int run_replay(const replay_options& chosen);

struct show_options {
  std::string what;                  // a token, or the file of a report
  std::vector<std::string> folders;  // where a report with the token may be
  std::vector<std::string> binary;
};
int run_show(const show_options& chosen);

struct fuzz_options {
  std::chrono::milliseconds time{0};  // 0: schedules decide
  std::uint64_t schedules = 0;        // of each test in this run; 0: time decides
  std::uint64_t seed = 1;
  std::string shard;   // such as 1/8; empty: as the environment says
  std::string corpus;  // its folder; empty: nothing is kept
  std::string strategy;
  bounds_options bounds;
  output_files files;
  std::vector<std::string> binaries;  // each a path, or a path and arguments in one word
};
int run_fuzz(const fuzz_options& chosen);

struct report_options {
  std::string folder;  // of a corpus, or of reports
  output_files files;
};
int run_report(const report_options& chosen);

struct merge_options {
  std::vector<std::string> folders;  // into the first one
};
int run_merge(const merge_options& chosen);

}  // namespace heddle::cli
