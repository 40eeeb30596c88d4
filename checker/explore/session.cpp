#include "explore/session.hpp"

#include "explore/channel.hpp"
#include "explore/list.hpp"
#include "heddle/check/framework.hpp"
#include "heddle/sim/current.hpp"
#include "report/json.hpp"

#include <atomic>
#include <string>
#include <utility>
#include <variant>

#include <unistd.h>

namespace heddle::check {

namespace {

// Whether an exploration runs in this process: false, then true by the one that won, then false by the same.
std::atomic<bool> exploring{false};

class exploring_scope {
 public:
  exploring_scope() noexcept : entered_(!exploring.exchange(true)) {}
  exploring_scope(const exploring_scope&) = delete;
  exploring_scope& operator=(const exploring_scope&) = delete;
  ~exploring_scope() {
    if (entered_) exploring.store(false);
  }

  bool entered() const noexcept { return entered_; }

 private:
  const bool entered_;
};

constexpr const char* for_programs_only =
    "HEDDLE_EXIT, HEDDLE_STATUS and HEDDLE_OUTPUT are for whole programs, see heddle_check_program; this is the body "
    "of a test";

report unusable(const identity& who, std::string why) {
  report result;
  result.name = who.name;
  result.error = std::move(why);
  if (channel* const told = current_channel()) told->report_whole(to_json(result));
  return result;
}

report explore_alone(const options& chosen, exploration_count count, const std::function<report(session&)>& explores) {
  if (is_list_wanted()) list_and_exit("main", {});
  session here;
  here.who = identify(chosen);
  if (count == exploration_count::one) here.who.ordinal = 1;
  auto surroundings = read_environment(environ);
  if (const auto* wrong = std::get_if<std::string>(&surroundings)) return unusable(here.who, *wrong);
  here.surroundings = std::get<environment>(std::move(surroundings));
  const environment& over = here.surroundings;
  auto applied = apply(over, chosen);
  if (const auto* wrong = std::get_if<std::string>(&applied)) return unusable(here.who, *wrong);
  if (over.at_exit || over.exit_status || over.output) return unusable(here.who, for_programs_only);
  here.wanted = std::get<options>(std::move(applied));
  framework* around = current_framework();
  if (around != nullptr) around->exploration_begins();
  report result = explores(here);
  if (around != nullptr) around->exploration_ends(here.executions);
  return result;
}

}  // namespace

report in_session(const options& chosen, exploration_count count, const std::function<report(session&)>& explores) {
  if (sim::inside()) {
    sim::fail_execution(sim::failure_kind::assertion,
                        "check::explore was called inside an execution: explorations do not nest. "
                        "Make the choices of the inner one with check::choose instead");
  }
  const exploring_scope scope;
  if (!scope.entered()) {
    identity who;
    who.name = chosen.name.empty() ? "check::explore" : chosen.name;
    return unusable(who, "another exploration is running in this process, on another thread or around this call");
  }
  return explore_alone(chosen, count, explores);
}

}  // namespace heddle::check
