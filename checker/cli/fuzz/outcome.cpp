#include "cli/fuzz/outcome.hpp"

#include "cli/results.hpp"
#include "report/files.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <set>

#include <fmt/format.h>

namespace heddle::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t schedules_min = 1000;  // before a finding can count as fixed
constexpr std::uint64_t times_as_many = 5;

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

// What the command of a replay line runs alone, such as "Suite.Name".
std::string filter_in(const std::string& command) {
  constexpr std::string_view option = "--gtest_filter=";
  const std::size_t at = command.find(option);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + option.size();
  const std::size_t end = std::min(command.find_first_of(" '", begin), command.size());
  return command.substr(begin, end - begin);
}

finding_record record_of_entry(const finding_entry& entry) {
  finding_record result;
  result.signature = entry.signature;
  result.kind = entry.kind;
  result.message = first_line(entry.message);
  result.file = entry.file;
  result.line = entry.line;
  result.token = entry.token;
  result.replay = entry.replay;
  return result;
}

}  // namespace

std::string_view to_string(finding_fate fate) noexcept {
  switch (fate) {
    case finding_fate::fresh:
      return "new";
    case finding_fate::again:
      return "back again";
    case finding_fate::still:
      return "still there";
    case finding_fate::fixed:
      return "fixed";
    case finding_fate::unseen:
      break;
  }
  return "not seen yet";
}

std::int64_t now_on_the_wall() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

night_findings::night_findings(corpus_store* store, const std::vector<unit>& units) : store_(store), units_(units) {
  std::set<std::string> programs;
  for (const unit& one : units_) programs.insert(one.program());
  for (const auto& [key, what] : known()) {
    if (!what.is_fixed() && programs.contains(key.program) && !is_left_out(key)) open_.push_back(key);
  }
}

bool night_findings::is_left_out(const finding_key& key) const {
  return std::any_of(units_.begin(), units_.end(), [&](const unit& one) {
    const std::vector<std::string>& others = one.from().others;
    return one.program() == key.program && std::find(others.begin(), others.end(), key.test) != others.end();
  });
}

const unit* night_findings::unit_of(const finding_key& key) const {
  const auto found = std::find_if(units_.begin(), units_.end(), [&](const unit& one) {
    return one.program() == key.program && one.test() == key.test;
  });
  return found == units_.end() ? nullptr : &*found;
}

void night_findings::keep(const record& what) {
  if (store_ != nullptr) {
    store_->add(what);
  } else {
    own_.add(what);
  }
}

std::optional<finding_fate> night_findings::note(finding_record what) {
  const finding_key key = key_of(what);
  const auto before = known().find(key);
  finding_fate fate = finding_fate::fresh;
  if (before != known().end()) fate = before->second.is_fixed() ? finding_fate::again : finding_fate::still;
  // Whatever the clock says: what comes after a verdict is later.
  if (fate == finding_fate::again) what.time = std::max(what.time, before->second.verdict->time + 1);
  const bool seen_now = fates_.contains(key);
  // In the same build it is the same fact.
  const bool kept = fate == finding_fate::still && before->second.last.build == what.build;
  if (!kept) keep(std::move(what));
  if (!seen_now) fates_[key] = fate;
  return seen_now ? std::nullopt : std::optional(fate);
}

std::optional<finding_fate> night_findings::seen(const unit& where, std::uint64_t before, const json& report,
                                                 const json& finding) {
  json alone = report;
  alone["findings"] = json::array({finding});
  finding_record what = record_of_entry(findings_of(alone).front());
  what.program = where.program();
  what.test = where.test();
  what.build = where.build();
  what.schedule = finding.value("schedule", std::uint64_t{0});
  // Slices that run beside this one tried as many in vain. Those that ended since it began do not count: they may have
  // left the finding to it, whose report was written already.
  what.after = before + (std::max<std::uint64_t>(where.slices_running(), 1) - 1) * (what.schedule + 1);
  what.time = now_on_the_wall();
  if (store_ != nullptr) what.token = store_->inside(what.token);
  return note(std::move(what));
}

std::optional<finding_fate> night_findings::seen_outside(const unit& where, const test_result& result) {
  finding_record what;
  what.program = where.program();
  what.test = where.test();
  what.build = where.build();
  const bool died = !result.end.empty();
  what.kind = died ? "crash" : "assertion";
  what.message = died ? "its process " + result.end : "it failed outside of any exploration";
  what.signature = content_id(fmt::format("{}\n{}", what.test, what.kind)).substr(0, 16);
  const command_line command = where.from().command({where.test()});
  what.replay = fmt::format("{}", fmt::join(command.words, " "));
  what.time = now_on_the_wall();
  return note(std::move(what));
}

std::uint64_t night_findings::needed(const finding_record& what) const {
  if (what.token.empty()) return 1;
  return std::max(schedules_min, times_as_many * (what.after + what.schedule + 1));
}

bool night_findings::is_in_doubt(const unit& where) const {
  return std::any_of(open_.begin(), open_.end(), [&](const finding_key& key) {
    if (key.program != where.program() || key.test != where.test() || fates_.contains(key)) return false;
    const finding_record& what = record_of(key);
    return what.build != where.build() && where.schedules_ever() < needed(what);
  });
}

void night_findings::finish() {
  for (const finding_key& key : open_) {
    if (!fates_.contains(key)) decide(key);
  }
}

void night_findings::decide(const finding_key& key) {
  const finding_record what = record_of(key);
  const unit* const where = unit_of(key);
  std::string reason;
  if (where == nullptr) {
    reason = "its test is gone";
  } else if (what.build == where->build()) {
    fates_[key] = finding_fate::unseen;
    reasons_[key] = "not seen again, although the build is the same";
    return;
  } else if (where->is_ended() || where->schedules_ever() >= needed(what)) {
    reason =
        what.token.empty() ? "the test passes" : fmt::format("not seen again in {} schedules", where->schedules_ever());
  } else {
    fates_[key] = finding_fate::unseen;
    reasons_[key] = fmt::format("not seen again in {} schedules of the new build; it counts as fixed after {}",
                                where->schedules_ever(), needed(what));
    return;
  }
  fates_[key] = finding_fate::fixed;
  reasons_[key] = reason;
  keep(verdict_record{key.program, key.test, key.signature, where == nullptr ? "" : where->build(), reason,
                      std::max(now_on_the_wall(), what.time + 1)});
}

std::vector<night_findings::line> night_findings::lines() const {
  std::vector<line> all;
  for (const finding_fate wanted :
       {finding_fate::fresh, finding_fate::again, finding_fate::still, finding_fate::unseen, finding_fate::fixed}) {
    for (const auto& [key, fate] : fates_) {
      if (fate != wanted) continue;
      const auto reason = reasons_.find(key);
      all.push_back({fate, record_of(key), reason == reasons_.end() ? "" : reason->second});
    }
  }
  return all;
}

bool night_findings::has_open() const {
  return std::any_of(fates_.begin(), fates_.end(), [](const auto& one) { return one.second != finding_fate::fixed; });
}

void adopt_reports(corpus_store& store) {
  std::set<std::string> known;
  for (const auto& [key, what] : store.state().findings()) {
    for (const finding_record* one : {&what.first(), &what.last}) {
      known.insert((store.reports_of(one->build) / check::report_file_name(one->test, one->signature)).string() +
                   ".json");
    }
  }
  for (const fs::path& path : store.reports()) {
    if (known.contains(path.string())) continue;
    const json report = json::parse(std::ifstream(path), nullptr, false);
    if (!report.is_object()) continue;
    const std::string program = report.value("program", "");
    for (const finding_entry& entry : findings_of(report)) {
      finding_record what = record_of_entry(entry);
      what.token = store.inside(what.token);
      what.program = program.substr(program.rfind('/') + 1);
      what.test = filter_in(entry.replay);
      if (what.test.empty()) what.test = report.value("test", "");
      what.build = path.parent_path().filename().string();
      std::error_code failed;
      const auto written = fs::last_write_time(path, failed).time_since_epoch();
      const auto on_the_wall = std::chrono::file_clock::to_sys(fs::file_time_type(written)).time_since_epoch();
      what.time = std::chrono::duration_cast<std::chrono::milliseconds>(on_the_wall).count();
      const auto same = store.state().findings().find(key_of(what));
      const bool had = same != store.state().findings().end() &&
                       (same->second.last.build == what.build || same->second.first().build == what.build);
      if (!had) store.add(what);
    }
  }
}

}  // namespace heddle::cli
