// Facts for tests.
#pragma once

#include "cli/corpus/record.hpp"

#include <string>

namespace heddle::cli {

inline finding_record finding_at(std::int64_t time, const std::string& signature = "b340e06973b43530") {
  finding_record what;
  what.program = "my_tests";
  what.test = "Queue.Push";
  what.signature = signature;
  what.kind = "data-race";
  what.message = "two threads write \"at once\"";
  what.file = "/home/me/queue.cpp";
  what.line = 42;
  what.token = "h1-random-sync-5d0e2f3a-9c41b7aa-1-57-03fe";
  what.replay = "HEDDLE_REPLAY=" + what.token + " /home/me/my_tests --gtest_filter=Queue.Push";
  what.build = "9c41b7aa";
  what.schedule = 57;
  what.after = 1000;
  what.time = time;
  return what;
}

inline verdict_record verdict_at(std::int64_t time, const std::string& signature = "b340e06973b43530") {
  return {"my_tests", "Queue.Push", signature, "9c41b7ab", "not seen again in 5000 schedules", time};
}

inline progress_record progress_at(std::int64_t time, std::uint64_t slices, const std::string& writer = "1/2") {
  progress_record what;
  what.program = "my_tests";
  what.test = "Queue.Push";
  what.build = "9c41b7aa";
  what.writer = writer;
  what.slices = slices;
  what.schedules = slices * 1000;
  what.time = time;
  for (std::uint64_t i = 0; i < slices; ++i) what.seen.add(i * 0x9e3779b97f4a7c15ULL);
  return what;
}

}  // namespace heddle::cli
