// One exploration, from its options to its report. See <heddle/check/explore.hpp> for what it promises.
//
// How it works. The loop is kept bare: begin the strategy, run the machine, note the hash. Everything else is off that
// path: a failure is collected and confirmed, an audited schedule is repeated, a token is followed.
//
// Invariants.
//   1. A result of the machine is read before the next run, which overwrites it.
//   2. A run that crashed this process is the last one: the report is printed and the process ends by its signal.
#pragma once

#include "explore/audit.hpp"
#include "explore/channel.hpp"
#include "explore/detection_odds.hpp"
#include "explore/distinct.hpp"
#include "explore/environment.hpp"
#include "explore/identity.hpp"
#include "explore/runner.hpp"
#include "explore/suppression_judge.hpp"
#include "heddle/check/report.hpp"
#include "heddle/sim/machine.hpp"
#include "minimise/plan.hpp"
#include "report/suppressions.hpp"
#include "strategies/strategy.hpp"
#include "symbols/symbolizer.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace heddle::check {

// What a body is given, where it is one of several that make up a test.
struct body_input {
  std::string token;              // what it can be made from again, in digits of records
  std::vector<input_view> shown;  // for reports
  // Whether it is one of many that are tried: a failure is not shrunk and gets no token, but its record is wanted.
  bool is_tried = false;
};

class explorer {
 public:
  // `chosen` has been checked by apply(). `surroundings` and `executions` must outlive it.
  explorer(const options& chosen, const environment& surroundings, identity who, runner& executions);
  // With a strategy that no name stands for.
  explorer(const options& chosen, const environment& surroundings, identity who, runner& executions,
           std::unique_ptr<explorer_strategy> chooses);

  // Before run(): the body is given this, and the report is for the caller to publish, unless it is that of a crash.
  void explore_input(const body_input& given);
  report run();
  // After run(): the decisions of the schedule that failed, if they were recorded.
  const std::optional<decision_record>& record() const noexcept { return record_; }
  // Executions of the body, the repeated ones included.
  std::uint64_t executions() const noexcept { return executions_; }

 private:
  // What one run did, as far as two runs are compared.
  struct outcome {
    std::uint64_t hash = 0;
    std::string failures;  // kinds and messages; empty if it passed

    friend bool operator==(const outcome&, const outcome&) = default;
  };

  void explore();
  void count(const sim::execution_result& result);
  // What the progress line says beside the number of schedules.
  std::string progress();
  // --- following.cpp ---
  void replay(const replay_token& token);
  bool accepts(const replay_token& token);
  void follow_seed(const replay_token& token);
  void follow_record(const replay_token& token);
  void collect_followed(const replay_token& token, const sim::execution_result& result);

  // --- explorer.cpp ---
  // Whether the program was hit by a signal.
  static bool crashed(const sim::execution_result& result);
  const sim::execution_result& execute(std::uint64_t index, sim::decision_source& source, sim::event_observer* observer,
                                       runner::purpose why = runner::purpose::explore);
  outcome repeat(std::uint64_t index, event_log* log);

  void note_suppressions();
  // Whether the exploration goes on nevertheless.
  bool on_failure(std::uint64_t index, const sim::execution_result& result);
  void report_failure(std::uint64_t index, const sim::execution_result& result);
  void put_off();
  // What the schedule does from now on, which is to fail in the same way: as it did, or, where the first failure of a
  // process set something up, as it does when run again. Nothing if it does not; that has been reported then.
  std::optional<outcome> confirm(std::uint64_t index, const outcome& original);
  // Whether the schedule, of which the first log holds a run, does the same again. False if it was found to be
  // nondeterministic.
  bool same_again(std::uint64_t index, const outcome& original);
  bool repeats_agree(std::uint64_t index, const outcome& expected);
  void report_difference(std::uint64_t index, std::string sentence, const outcome& original);
  // --- shrinking.cpp ---
  // Puts the shrunk execution in the place of the one that was found, if there is one that fails in the same way.
  void minimise(std::uint64_t index, const outcome& original, const sim::failure& failure);
  // The failing schedule as a plan; nothing if it did something else this time.
  std::optional<plan> plan_of(std::uint64_t index, const outcome& original, schedule_cost& cost);
  // By what a failure is known again in other schedules of the same executable.
  std::string known_by(const sim::failure& failure);
  // Whether the planned schedule fails in the same way, twice. Then it is the one that is reported.
  bool adopt(std::uint64_t index, const plan& shrunk, const std::string& wanted);
  static bool only_leaked(const sim::execution_result& result);
  // --- continuing.cpp: HEDDLE_FINDINGS=all ---
  // Whether the failure is like an earlier one of this exploration.
  bool is_repeated(const sim::execution_result& result);
  // Reports what was found, unless all of it is known, and empties the report for what is still to come. Returns
  // whether the exploration goes on.
  bool report_and_go_on(std::uint64_t index, const sim::execution_result& result);
  // A leak, reported now and not last.
  void put_off_to_now();
  void publish_and_set_aside();
  void tell_begin();

  [[noreturn]] void on_crash(std::uint64_t index, const sim::execution_result& result);
  void collect_findings(std::uint64_t index, const sim::execution_result& result);
  void add_record(std::uint64_t index);
  // Of a schedule, without its record.
  replay_token token_of(std::uint64_t index) const;
  void give_tokens();
  void finish();
  // The token, or the name of a file that holds it when it is long.
  std::string token_or_file(replay_token token);

  const options options_;
  const environment& environment_;
  const identity identity_;
  runner& runner_;
  std::unique_ptr<explorer_strategy> strategy_;
  distinct_schedules distinct_;
  detection_odds detection_;
  symbolizer symbols_;
  suppression_list suppressions_;
  suppression_judge judge_{suppressions_, symbols_};
  event_log first_log_;
  std::vector<sim::spawned_task> spawned_;  // of the execution in first_log_, when it failed
  event_log second_log_;
  std::optional<decision_record> record_;  // of the failing schedule, for a full token
  // A leak, of which nothing worse comes: reported if nothing else is found.
  struct minor_failure {
    std::vector<finding> findings;
    std::optional<decision_record> record;
    std::string output;
  };
  std::optional<minor_failure> put_off_;
  std::uint64_t executions_ = 0;
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  bool shrinking_ = false;             // and a crash is not what is looked for
  std::set<std::string> let_through_;  // calls
  bool cut_short_ = false;             // any execution: what came later in it was not explored
  std::string input_;                  // of a body that is given one: for its tokens
  bool publishes_ = true;
  bool is_tried_ = false;
  channel* const channel_ = current_channel();
  std::set<std::uint64_t> failures_seen_;  // as is_repeated tells them apart
  std::set<std::string> signatures_;       // that were reported
  std::vector<finding> set_aside_;         // reported already, where the exploration went on
  unsigned set_ups_ = 0;                   // audited schedules whose first run alone differed
  report report_;
};

}  // namespace heddle::check
