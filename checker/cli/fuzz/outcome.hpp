// The findings of a night: which are new, which are still there, and which are fixed.
//
// How it works. A finding that a corpus has open is looked for before anything else, by its token. Where the binary is
// the same, that answers it. Where it changed, a token may lead elsewhere: if it does not show the finding any more,
// the test is explored, and the finding counts as fixed when it has not come again in several times as many schedules
// as it took to find it. At five times as many, a finding that is still there, and as frequent, would be missed once in
// 150.
//
// Thread safety: none.
#pragma once

#include "cli/corpus/store.hpp"
#include "cli/fuzz/unit.hpp"
#include "cli/observed.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace heddle::cli {

enum class finding_fate : std::uint8_t {
  fresh,   // new in this run
  again,   // it was fixed, and is back
  still,   // seen in this run, and known before
  fixed,   // not any more
  unseen,  // looked for and not seen, and too soon to say that it is fixed
};
std::string_view to_string(finding_fate fate) noexcept;

class night_findings {
 public:
  // `store` may be null: nothing is kept then.
  night_findings(corpus_store* store, const std::vector<unit>& units);

  // The findings to look for first: not those of tests that a filter leaves out.
  const std::vector<finding_key>& open() const noexcept { return open_; }
  const finding_record& record_of(const finding_key& key) const { return known().at(key).last; }
  const unit* unit_of(const finding_key& key) const;

  // A finding of a report was seen, in a slice that began when the test had `before` schedules. Returns its fate if it
  // is worth a line: it was not seen before in this run.
  std::optional<finding_fate> seen(const unit& where, std::uint64_t before, const json& report, const json& finding);
  // A test failed outside of any exploration.
  std::optional<finding_fate> seen_outside(const unit& where, const test_result& result);

  // Whether the test has a finding that may be fixed, and needs more schedules for that to be said.
  bool is_in_doubt(const unit& where) const;
  // Nothing more is explored: decides about those that were not seen.
  void finish();

  struct line {
    finding_fate fate;
    finding_record what;
    std::string reason;  // a clause, of fixed and unseen ones
  };
  std::vector<line> lines() const;
  bool has_open() const;

 private:
  const std::map<finding_key, finding_state>& known() const noexcept { return state().findings(); }
  const corpus_state& state() const noexcept { return store_ != nullptr ? store_->state() : own_; }
  void keep(const record& what);
  std::optional<finding_fate> note(finding_record what);
  bool is_left_out(const finding_key& key) const;
  std::uint64_t needed(const finding_record& what) const;
  void decide(const finding_key& key);

  corpus_store* const store_;
  corpus_state own_;
  const std::vector<unit>& units_;
  std::vector<finding_key> open_;
  std::map<finding_key, finding_fate> fates_;
  std::map<finding_key, std::string> reasons_;
};

// Milliseconds since 1970.
std::int64_t now_on_the_wall();

// Facts of reports that a process wrote into the corpus and could not say: it was killed before.
void adopt_reports(corpus_store& store);

}  // namespace heddle::cli
