// The body of one input as executions run it: what RapidCheck's macros do in it becomes of the execution.
//
// How it works. A failed RC_ASSERT is an exception that leaves the body: it fails the execution. RC_PRE and RC_DISCARD
// leave it too: the execution ends, and the input is discarded. While it lives, RapidCheck's generators are out of
// reach of bodies, and its logs and tags lead nowhere.
//
// Thread safety: made outside of executions; called by the main thread of each.
#pragma once

#include "heddle/rapidcheck/property.hpp"

#include <ostream>
#include <string>

namespace heddle::check {

class schedule_body {
 public:
  // `body` must outlive it.
  explicit schedule_body(const property_body& body) : body_(body) {}

  void operator()();
  bool was_discarded() const noexcept { return discarded_; }

 private:
  class no_generation final : public rc::gen::detail::GenerationHandler {
    rc::detail::Any onGenerate(const rc::Gen<rc::detail::Any>& generator) override;
  };
  class only_failures final : public rc::detail::PropertyContext {
    bool reportResult(const rc::detail::CaseResult& result) override;
    std::ostream& logStream() override { return nowhere_; }
    void addTag(std::string) override {}

    std::ostream nowhere_{nullptr};
  };

  const property_body& body_;
  bool discarded_ = false;  // in any execution
  no_generation no_generation_;
  only_failures only_failures_;
  const rc::detail::ImplicitParam<rc::gen::detail::param::CurrentHandler> handler_{&no_generation_};
  const rc::detail::ImplicitParam<rc::detail::param::CurrentPropertyContext> context_{&only_failures_};
};

}  // namespace heddle::check
