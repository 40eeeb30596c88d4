// What a corpus holds: facts, each by itself a line of JSON.
//
// How it works. A fact never changes. What is known at any time is what a set of facts says together (state.hpp), so
// two corpora are joined by taking both sets. A fact is named by a hash of its line, and the same fact has the same
// line.
//
// Times are milliseconds since 1970, from the clock on the wall: they say which of two facts is the later one, and
// decide nothing inside a schedule.
#pragma once

#include "explore/sketch.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace heddle::cli {

// A finding was seen.
struct finding_record {
  std::string program;  // name of the binary
  std::string test;
  std::string signature;
  std::string kind;
  std::string message;  // its first line
  std::string file;     // where it was noticed; may be empty
  unsigned line = 0;
  std::string token;   // empty: it was seen outside of any exploration
  std::string replay;  // the command
  std::string build;
  std::uint64_t schedule = 0;
  std::uint64_t after = 0;  // schedules of the test in that build, before
  std::int64_t time = 0;

  friend bool operator==(const finding_record&, const finding_record&) = default;
};

// A finding was looked for, and is no more.
struct verdict_record {
  std::string program;
  std::string test;
  std::string signature;
  std::string build;
  std::string reason;  // a clause, such as "not seen again in 5000 schedules"
  std::int64_t time = 0;

  friend bool operator==(const verdict_record&, const verdict_record&) = default;
};

// How far one shard is with one test.
struct progress_record {
  std::string program;
  std::string test;
  std::string build;
  std::string writer;        // the shard
  std::uint64_t slices = 0;  // that are done, counted from the first: seeds follow from their numbers
  std::uint64_t schedules = 0;
  std::uint64_t milliseconds = 0;
  bool ended = false;  // there is nothing more to try: it is proved, or explores nothing
  check::sketch seen;
  std::int64_t time = 0;

  friend bool operator==(const progress_record&, const progress_record&) = default;
};

using record = std::variant<finding_record, verdict_record, progress_record>;

// Without a newline; keys in alphabetical order.
std::string to_line(const record& what);
// Nothing if the line is none of ours.
std::optional<record> parse_record(std::string_view line);

// 32 hexadecimal digits.
std::string content_id(std::string_view content);

}  // namespace heddle::cli
