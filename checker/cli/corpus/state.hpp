// What a set of facts says together.
//
// How it works. Of the facts about one thing, few matter: of a finding the first and the last time it was seen, and the
// last verdict; of a test in a shard, how far it came. The others are forgotten. Which fact is later is decided by
// its time, and where that is the same by its line: so a state is the same in whatever order the facts came, and
// however often, and the joined state of two corpora is that of all their facts.
//
// Thread safety: none.
#pragma once

#include "cli/corpus/record.hpp"

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace heddle::cli {

// Which finding: a signature is told apart by its test.
struct finding_key {
  std::string program;
  std::string test;
  std::string signature;

  friend auto operator<=>(const finding_key&, const finding_key&) = default;
};

struct finding_state {
  std::shared_ptr<const finding_record> earliest;  // null: it was seen once
  finding_record last;
  std::shared_ptr<const verdict_record> verdict;  // or null

  const finding_record& first() const noexcept { return earliest ? *earliest : last; }
  // A finding that was seen again after it was fixed is open.
  bool is_fixed() const noexcept { return verdict && verdict->time > last.time; }
};

// Which count: a test of a program, in a shard.
using progress_key = std::tuple<std::string, std::string, std::string>;

class corpus_state {
 public:
  // Returns whether the state changed.
  bool add(const record& what);

  // Takes all that the other says.
  void join(const corpus_state& other);

  const std::map<finding_key, finding_state>& findings() const noexcept { return findings_; }
  const std::map<progress_key, progress_record>& progress() const noexcept { return progress_; }

  // The facts that matter, sorted.
  std::vector<std::string> lines() const;

 private:
  bool add_one(const finding_record& what);
  bool add_one(const verdict_record& what);
  bool add_one(const progress_record& what);

  std::map<finding_key, finding_state> findings_;
  // A verdict that came before what it is about.
  std::map<finding_key, verdict_record> early_;
  std::map<progress_key, progress_record> progress_;
};

finding_key key_of(const finding_record& what);
finding_key key_of(const verdict_record& what);

}  // namespace heddle::cli
