// Everything of the checker: explore, options, reports, HEDDLE_CHECK and the test's own choices.
//
//     #include <heddle/check.hpp>
//
//     int main() {
//       heddle::check::report report = heddle::check::explore({.schedules = 5000}, [] {
//         std::atomic<int> count{0};
//         std::thread other([&] { count.store(count.load() + 1); });
//         count.store(count.load() + 1);
//         other.join();
//         HEDDLE_CHECK(count == 2);  // fails: both may load 0
//       });
//       std::puts(report.text().c_str());
//       return report.failed() ? 1 : 0;
//     }
#pragma once

#include "heddle/check/allow_blocking.hpp"
#include "heddle/check/assertion.hpp"
#include "heddle/check/call_log.hpp"
#include "heddle/check/choice.hpp"
#include "heddle/check/explore.hpp"
#include "heddle/check/explore_bytes.hpp"
#include "heddle/check/fault.hpp"
#include "heddle/check/finding.hpp"
#include "heddle/check/linearizability.hpp"
#include "heddle/check/options.hpp"
#include "heddle/check/report.hpp"
#include "heddle/check/strategy.hpp"
#include "heddle/check/uncancellable.hpp"
