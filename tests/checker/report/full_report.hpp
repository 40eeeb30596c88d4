// A report in which nothing is left empty.
#pragma once

#include "heddle/check/report.hpp"

namespace heddle::check {

inline report full_report() {
  const frame at{0x10, "transfer", "/src/bank.cpp", 17, false};
  const frame library{0x11, "std::mutex::lock", "/usr/include/c++/12/mutex", 100, true};
  finding found;
  found.kind = finding_kind::deadlock;
  found.message = "every thread waits\nfor </script> & \"more\"";
  found.where = {"/src/bank.cpp", "transfer", 17};
  found.thread = 1;
  found.task = 3;
  found.signal = 6;
  found.variable = "balance";
  found.stacks = {{"thread 1", {library, at}}};
  found.threads = {{1, "left", "lock #2, held by thread 2", {"thread 1", {at}}, {{"/src/bank.cpp", "retry", 19}}}};
  found.tasks = {{3,
                  "reader",
                  {"/src/bank.cpp", "main", 5},
                  {{"/src/bank.cpp", "heddle::task<int> outer(int)", 8}},
                  "sync::mutex",
                  true,
                  true,
                  {{"/src/bank.cpp", "inner", 9}}}};
  found.schedule = 41;
  found.event_hash = 0xabcdef;
  found.token = "h1-x";
  found.signature = "0123456789abcdef";
  moment lock{1, "mutex lock #1", {"/src/bank.cpp", "transfer", 16}, 2};
  lock.task = 3;
  lock.time_ns = 1'500;
  lock.operation = "mutex lock";
  lock.object = 1;
  found.timeline = {lock};
  found.mishaps = {{"task 3 was aborted as it was suspended", 3, {{"/src/bank.cpp", "heddle::task<> inner()", 9}}}};
  found.minimised = "shrunk to 1 preemption";
  found.deciding = {lock, lock};
  moment start{0, "thread start", {}};
  start.operation = "thread start";

  report result;
  result.name = "Bank.Transfers";
  result.program = "/build/bank_tests";
  result.strategy = "portfolio";
  result.seed = ~std::uint64_t{0};
  result.schedules = 42;
  result.schedules_asked = 1000;
  result.distinct = 40;
  result.preemptions = 2;
  result.delays = 3;
  result.last_new = 31;
  result.distinct_after = {1, 2, 3, 5, 9, 12};
  result.detection = {0.9, 0.5, 0.125};
  result.explored = 0.25;
  result.inputs = {{"(int amount)", "7"}};
  result.inputs_minimised = "found with input 3";
  result.inputs_tried = 5;
  result.findings = {found};
  result.history = {start, lock, lock};
  result.suppressed = {{{.kind = finding_kind::data_race,
                         .function = "metrics::*",
                         .file = "metrics.cpp",
                         .reason = "known",
                         .origin = "known.txt:1"},
                        7}};
  result.output = "what it printed";
  result.notices = {"worth knowing"};
  result.replay_command = "HEDDLE_REPLAY=h1-x ./bank --gtest_filter=Bank.Transfers";
  return result;
}

}  // namespace heddle::check
