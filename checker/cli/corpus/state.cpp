#include "cli/corpus/state.hpp"

#include <algorithm>

namespace heddle::cli {

namespace {

// Whether `a` is the later fact.
template <typename Record>
bool is_later(const Record& a, const Record& b) {
  if (a.time != b.time) return a.time > b.time;
  return a != b && to_line(a) > to_line(b);
}

}  // namespace

finding_key key_of(const finding_record& what) {
  return {what.program, what.test, what.signature};
}
finding_key key_of(const verdict_record& what) {
  return {what.program, what.test, what.signature};
}

bool corpus_state::add(const record& what) {
  return std::visit([this](const auto& one) { return add_one(one); }, what);
}

bool corpus_state::add_one(const finding_record& what) {
  const finding_key key = key_of(what);
  const auto found = findings_.find(key);
  if (found == findings_.end()) {
    finding_state fresh{nullptr, what, nullptr};
    if (auto verdict = early_.extract(key))
      fresh.verdict = std::make_shared<const verdict_record>(std::move(verdict.mapped()));
    findings_.emplace(key, std::move(fresh));
    return true;
  }
  finding_state& state = found->second;
  if (is_later(what, state.last)) {
    if (!state.earliest) state.earliest = std::make_shared<const finding_record>(std::move(state.last));
    state.last = what;
    return true;
  }
  if (!is_later(state.first(), what)) return false;
  state.earliest = std::make_shared<const finding_record>(what);
  return true;
}

bool corpus_state::add_one(const verdict_record& what) {
  const finding_key key = key_of(what);
  const auto found = findings_.find(key);
  if (found == findings_.end()) {
    const auto [early, added] = early_.try_emplace(key, what);
    if (added) return true;
    if (!is_later(what, early->second)) return false;
    early->second = what;
    return true;
  }
  finding_state& state = found->second;
  if (state.verdict && !is_later(what, *state.verdict)) return false;
  state.verdict = std::make_shared<const verdict_record>(what);
  return true;
}

bool corpus_state::add_one(const progress_record& what) {
  const auto [place, added] = progress_.try_emplace({what.program, what.test, what.writer}, what);
  if (added) return true;
  if (!is_later(what, place->second)) return false;
  place->second = what;
  return true;
}

void corpus_state::join(const corpus_state& other) {
  for (const auto& [key, state] : other.findings_) {
    add(state.first());
    add(state.last);
    if (state.verdict) add(*state.verdict);
  }
  for (const auto& [key, verdict] : other.early_) add(verdict);
  for (const auto& [key, progress] : other.progress_) add(progress);
}

std::vector<std::string> corpus_state::lines() const {
  std::vector<std::string> all;
  for (const auto& [key, state] : findings_) {
    if (state.earliest) all.push_back(to_line(*state.earliest));
    all.push_back(to_line(state.last));
    if (state.verdict) all.push_back(to_line(*state.verdict));
  }
  for (const auto& [key, verdict] : early_) all.push_back(to_line(verdict));
  for (const auto& [key, progress] : progress_) all.push_back(to_line(progress));
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace heddle::cli
