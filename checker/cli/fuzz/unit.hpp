// One test in a night's work, and how much of the time it deserves.
//
// How it works. A test is explored in slices, each a process with a seed of its own: the seed follows from the shard,
// the test and the number of the slice, so that a slice which was cut off is done again with the same seed. The
// first one alone tries the fixed schedules of a portfolio, which are the same for every seed. Slices grow, so that all
// tests had a turn early and starting processes costs little later.
//
// Time goes to the test that had the least of it by its weight. The weight is the share of schedules of its last slices
// that no slice before had seen (a sketch tells, of all shards of the corpus), and a little more, so that no test is
// ever given up. A test of which a finding may be fixed is weighed like one that is all new, until that is known.
//
// Thread safety: none.
#pragma once

#include "cli/corpus/state.hpp"
#include "cli/suite.hpp"

#include <chrono>
#include <cstdint>
#include <set>
#include <string>

namespace heddle::cli {

struct slice_plan {
  std::uint64_t number = 0;
  std::uint64_t seed = 0;
  std::chrono::milliseconds time{0};  // or
  std::uint64_t schedules = 0;
  std::uint64_t before = 0;  // schedules of the test in this build that were done when the slice began
};

// How a run divides what it has.
struct slice_rule {
  std::chrono::milliseconds first{500};
  std::chrono::milliseconds longest{10'000};
  std::uint64_t schedules = 0;  // of each test in this run, in slices_of_schedules slices; 0: time decides
};
inline constexpr std::uint64_t slices_of_schedules = 4;

class unit {
 public:
  unit(const suite& from, std::string test, std::string program, std::string writer, std::uint64_t seed);

  // What earlier runs and other shards did in the same build.
  void take_up(const corpus_state& state);

  // The slice to run next. Counts it as running.
  slice_plan next(const slice_rule& rule);
  // A slice ended after so many schedules. `seen` is its sketch.
  void done(const slice_plan& slice, std::uint64_t schedules, std::chrono::milliseconds time,
            const check::sketch& seen);
  // There is nothing more to try: in this run, or in this build.
  enum class ending : std::uint8_t { now, for_good };
  void end(ending how) {
    ended_ = true;
    ended_for_good_ = ended_for_good_ || how == ending::for_good;
  }
  bool is_ended() const noexcept { return ended_; }
  bool may_run(const slice_rule& rule) const noexcept;

  // Less is more urgent.
  double turn() const noexcept { return used_ / weight(); }
  void hurry(bool wanted) noexcept { hurried_ = wanted; }

  const suite& from() const noexcept { return from_; }
  const std::string& test() const noexcept { return test_; }
  const std::string& program() const noexcept { return program_; }
  std::string build() const;
  // In this run; and in all runs and shards of this build.
  std::uint64_t schedules_now() const noexcept { return schedules_now_; }
  std::uint64_t schedules_ever() const noexcept { return schedules_before_ + schedules_now_; }
  std::uint64_t slices_running() const noexcept { return running_; }
  double distinct() const { return seen_.estimate(); }
  std::chrono::milliseconds time() const noexcept { return time_now_; }
  progress_record progress(std::int64_t now) const;

 private:
  double weight() const noexcept;

  const suite& from_;
  const std::string test_;
  const std::string program_;
  const std::string writer_;
  const std::uint64_t seed_;
  std::uint64_t first_ = 0;    // number of the first slice of this run
  std::uint64_t started_ = 0;  // slices of this run
  std::uint64_t running_ = 0;
  std::uint64_t unfinished_ = 0;  // number of the first slice that is not done
  std::set<std::uint64_t> done_;  // slices behind that one
  std::uint64_t schedules_now_ = 0;
  std::uint64_t schedules_before_ = 0;
  std::uint64_t own_schedules_before_ = 0;
  std::uint64_t own_milliseconds_before_ = 0;
  std::chrono::milliseconds time_now_{0};
  double used_ = 0;   // seconds, of running slices what they were given
  double fresh_ = 1;  // share of schedules that were new lately
  bool ended_ = false;
  bool ended_for_good_ = false;
  bool hurried_ = false;
  check::sketch seen_;
};

}  // namespace heddle::cli
