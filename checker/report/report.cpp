#include "heddle/check/report.hpp"

#include "report/counted.hpp"
#include "report/share_text.hpp"
#include "report/text.hpp"

#include <fmt/format.h>

namespace heddle::check {

namespace {

// Of one that passed and was no proof.
std::string what_is_left(const report& of) {
  std::string text = fmt::format("of further ones about {:.1f}% would be new", 100 * of.unseen);
  if (of.explored) text += fmt::format(", about {} of all are explored", share_text(*of.explored));
  if (of.detection) {
    const auto& [one, two, three] = *of.detection;
    text += fmt::format("; a bug of depth 1, 2 or 3 had a chance of at least {}, {} or {}", share_text(one),
                        share_text(two), share_text(three));
  }
  return text;
}

}  // namespace

std::string report::summary() const {
  if (!error.empty()) return fmt::format("{}: {}: {}", name, schedules == 0 ? "nothing explored" : "given up", error);
  if (!findings.empty()) {
    const finding& first = findings.front();
    const std::string sentence = first.message.substr(0, first.message.find('\n'));
    return fmt::format("{}: {} in schedule {}: {}", name, to_string(first.kind), first.schedule, sentence);
  }
  if (replayed && schedules == 0) return fmt::format("{}: not replayed here", name);
  if (replayed) return fmt::format("{}: the replayed schedule passes", name);
  const char* how = proved ? "proved, all of " : "sampled ";
  const std::string more = proved ? std::string() : " (" + what_is_left(*this) + ")";
  std::string bound;
  if (proved && preemptions) bound = " of at most " + counted(*preemptions, "preemption");
  if (proved && delays) bound = " of at most " + counted(*delays, "delay");
  const std::string of_inputs = inputs_tried == 0 ? std::string() : " of " + counted(inputs_tried, "input");
  return fmt::format("{}: passed: {}{}{}{}, {}{} distinct{}, strategy {}, seed {}", name, how,
                     counted(schedules, "schedule"), bound, of_inputs, distinct_at_least ? "at least " : "", distinct,
                     more, strategy, seed);
}

std::string report::text() const {
  return to_text(*this, colours::none);
}

}  // namespace heddle::check
