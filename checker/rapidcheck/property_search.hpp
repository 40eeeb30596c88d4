// The search for an input and a schedule that fail, and for the smallest such: see <heddle/rapidcheck/property.hpp>.
//
// How it works. One exploration per input, see explore/explorer.hpp, whose reports are kept here until there is one for
// all. A failing input is known again by the kind and the place of its first finding. With HEDDLE_FINDINGS=all, each is
// published when it has been shrunk, and further inputs are tried that fail otherwise.
//
// Thread safety: as an exploration.
//
// Limits: candidates_max inputs are tried when one is shrunk, for shrink_time_max at most.
#pragma once

#include "explore/session.hpp"
#include "heddle/rapidcheck/property.hpp"
#include "rapidcheck/input.hpp"
#include "strategies/record.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace heddle::check {

class property_search {
 public:
  // All must outlive it. `chosen` are the options of the test, without the environment.
  property_search(session& here, const options& chosen, const rc::Gen<detail::generated_body>& bodies);

  report run();

 private:
  using clock = std::chrono::steady_clock;

  enum class verdict : std::uint8_t { passed, failed, discarded };
  enum class effort : std::uint8_t { tried, thorough };

  struct explored {
    verdict is = verdict::passed;
    report said;
    std::optional<decision_record> record;  // of the schedule that failed
  };

  // Whether RC_PARAMS could be read.
  bool configure();
  void search();
  report replay();
  explored explore(const generated_input& input, const detail::generated_body& made, effort how_much);
  // Nothing if the generators gave no value: they discarded it.
  std::optional<detail::generated_body> value_of(const generated_input& input);
  // Whether the search goes on.
  bool try_input(const generated_input& input);
  bool goes_on() const;
  std::uint64_t inputs_wanted() const;
  bool out_of_time() const;
  void shrink();
  static bool alike(const explored& a, const explored& b);
  void count(const explored& one, const std::vector<input_view>& shown);
  // Whether the search goes on, for others.
  bool report_failed();
  void finish();
  void give_up(std::string why);

  session& here_;
  const options chosen_;
  const rc::Gen<detail::generated_body>& bodies_;
  rc::detail::Configuration configuration_;
  options for_each_;             // input
  std::uint64_t number_ = 0;     // inputs generated
  std::uint64_t passed_ = 0;     // inputs that did
  std::uint64_t discarded_ = 0;  // inputs that were
  std::optional<generated_input> failing_;
  explored failure_;                   // of that
  std::uint64_t failed_at_ = 0;        // number of the first input that failed, from 1
  std::uint64_t candidates_ = 0;       // inputs tried in its place
  std::uint64_t taken_ = 0;            // of them, those that failed as well
  std::optional<report> found_;        // the first finding, and with it those that were published after it
  std::vector<explored> known_;        // failures that were reported
  std::set<std::string> inputs_seen_;  // as text
  double unseen_ = 0;                  // summed over schedules
  const clock::time_point begun_ = clock::now();
  report result_;
};

}  // namespace heddle::check
