#include "heddle/check/explore.hpp"

#include "explore/environment.hpp"
#include "explore/explorer.hpp"
#include "explore/identity.hpp"
#include "explore/runner.hpp"
#include "heddle/check/framework.hpp"
#include "heddle/sim/current.hpp"

#include <atomic>

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
    "of a "
    "test";

report unusable(const identity& who, std::string why) {
  report result;
  result.name = who.name;
  result.error = std::move(why);
  return result;
}

report explore_alone(const options& chosen, body_reference body) {
  const identity who = identify(chosen);
  auto surroundings = read_environment(environ);
  if (const auto* wrong = std::get_if<std::string>(&surroundings)) return unusable(who, *wrong);
  const environment& over = std::get<environment>(surroundings);
  auto applied = apply(over, chosen);
  if (const auto* wrong = std::get_if<std::string>(&applied)) return unusable(who, *wrong);
  if (over.at_exit || over.exit_status || over.output) return unusable(who, for_programs_only);
  const options& wanted = std::get<options>(applied);
  body_runner executions(wanted, body);
  explorer one(wanted, over, who, executions);
  framework* around = current_framework();
  if (around != nullptr) around->exploration_begins();
  report result = one.run();
  if (around != nullptr) around->exploration_ends(one.executions());
  return result;
}

}  // namespace

report explore_body(const options& chosen, body_reference body) {
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
  return explore_alone(chosen, body);
}

}  // namespace heddle::check
