// How an exploration has one execution done: of a body in this process, or of a whole program in another.
#pragma once

#include "heddle/check/explore.hpp"
#include "heddle/check/options.hpp"
#include "heddle/sim/machine.hpp"

#include <cstdint>
#include <string>

namespace heddle::check {

class runner {
 public:
  enum class purpose : std::uint8_t {
    explore,
    follow_token,  // someone wants to look at this one; nothing is run after it
  };

  struct request {
    sim::decision_source& source;
    sim::event_observer* observer;  // or null
    // Whether what the source is asked changes what it does later.
    bool source_remembers;
    purpose why;
  };

  runner() = default;
  runner(const runner&) = delete;
  runner& operator=(const runner&) = delete;
  virtual ~runner() = default;

  // The result is valid until the next run.
  virtual const sim::execution_result& run(const request& what) = 0;
  // Whether each execution has a process image of its own: a crash is then the end of that one only, and nothing is
  // set up by one for the next.
  virtual bool is_isolated() const noexcept = 0;
  // Whether executions look for leaks from now on, as far as options::leaks wants them to.
  virtual void look_for_leaks(bool wanted) = 0;
  // Who decides after which failures executions go on. `judge` must outlive all runs.
  virtual void judge_failures_by(sim::failure_judge& judge) = 0;
  // What the last execution printed, as far as that was kept.
  virtual std::string output() const { return {}; }
};

sim::machine_options machine_options_of(const options& chosen);

// Runs a body in this process.
class body_runner final : public runner {
 public:
  body_runner(const options& chosen, body_reference body) : body_(body), machine_(machine_options_of(chosen)) {}

  const sim::execution_result& run(const request& what) override {
    return machine_.run(what.source, body_.call(), body_.context(), what.observer);
  }
  bool is_isolated() const noexcept override { return false; }
  void look_for_leaks(bool wanted) override { machine_.look_for_leaks(wanted); }
  void judge_failures_by(sim::failure_judge& judge) override { machine_.judge_failures_by(&judge); }

 private:
  const body_reference body_;
  sim::machine machine_;
};

}  // namespace heddle::check
