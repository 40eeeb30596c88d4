#include "cli/fuzz/unit.hpp"

#include "explore/token.hpp"
#include "strategies/fixed_schedules.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace heddle::cli {

namespace {

// What a test gets that has shown nothing new lately, beside one that shows nothing else.
constexpr double weight_min = 0.05;
// Slices double in length this often.
constexpr std::uint64_t doublings_max = 10;

double seconds(std::chrono::milliseconds time) {
  return std::chrono::duration<double>(time).count();
}

// SplitMix64: numbers that are near each other give seeds that are not.
std::uint64_t mixed(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15ULL;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

}  // namespace

unit::unit(const suite& from, std::string test, std::string program, std::string writer, std::uint64_t seed)
    : from_(from),
      test_(std::move(test)),
      program_(std::move(program)),
      writer_(std::move(writer)),
      seed_(mixed(seed ^ mixed(check::hash_of(program_ + '\n' + test_)) ^ mixed(check::hash_of(writer_)))) {}

std::string unit::build() const {
  return fmt::format("{:08x}", from_.file.build);
}

void unit::take_up(const corpus_state& state) {
  // All shards of one test stand behind each other.
  for (auto one = state.progress().lower_bound({program_, test_, ""}); one != state.progress().end(); ++one) {
    const auto& [program, test, writer] = one->first;
    if (program != program_ || test != test_) break;
    const progress_record& past = one->second;
    if (past.build != build()) continue;
    seen_.join(past.seen);
    schedules_before_ += past.schedules;
    if (writer != writer_) continue;
    first_ = past.slices;
    unfinished_ = first_;
    own_schedules_before_ = past.schedules;
    own_milliseconds_before_ = past.milliseconds;
    if (past.ended) end(ending::for_good);
  }
}

bool unit::may_run(const slice_rule& rule) const noexcept {
  if (ended_) return false;
  if (rule.schedules != 0) return started_ < std::min(slices_of_schedules, rule.schedules);
  // The first slice shows whether there is anything to explore.
  return started_ > 0 || running_ == 0;
}

slice_plan unit::next(const slice_rule& rule) {
  slice_plan plan;
  plan.number = first_ + started_;
  const std::uint64_t seed = mixed(seed_ + plan.number);
  plan.seed = plan.number == 0 ? check::with_fixed_schedules(seed) : check::without_fixed_schedules(seed);
  plan.before = schedules_ever();
  if (rule.schedules != 0) {
    const std::uint64_t parts = std::min(slices_of_schedules, rule.schedules);
    plan.schedules = rule.schedules / parts + (started_ < rule.schedules % parts ? 1 : 0);
  } else {
    plan.time = std::min(rule.longest, rule.first * (std::int64_t{1} << std::min(started_, doublings_max)));
  }
  ++started_;
  ++running_;
  used_ += seconds(plan.time);
  return plan;
}

void unit::done(const slice_plan& slice, std::uint64_t schedules, std::chrono::milliseconds time,
                const check::sketch& seen) {
  --running_;
  used_ += seconds(time) - seconds(slice.time);
  time_now_ += time;
  schedules_now_ += schedules;
  const double before = seen_.estimate();
  seen_.join(seen);
  const double share = schedules == 0 ? 0.0 : (seen_.estimate() - before) / static_cast<double>(schedules);
  fresh_ = (fresh_ + std::clamp(share, 0.0, 1.0)) / 2;
  done_.insert(slice.number);
  while (!done_.empty() && *done_.begin() == unfinished_) {
    done_.erase(done_.begin());
    ++unfinished_;
  }
}

double unit::weight() const noexcept {
  return weight_min + (hurried_ ? 1.0 : fresh_);
}

progress_record unit::progress(std::int64_t now) const {
  progress_record result;
  result.program = program_;
  result.test = test_;
  result.build = build();
  result.writer = writer_;
  result.slices = unfinished_;
  result.schedules = own_schedules_before_ + schedules_now_;
  result.milliseconds = own_milliseconds_before_ + static_cast<std::uint64_t>(time_now_.count());
  result.ended = ended_for_good_;
  result.seen = seen_;
  result.time = now;
  return result;
}

}  // namespace heddle::cli
