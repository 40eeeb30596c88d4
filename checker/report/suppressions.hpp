// Which findings are known and accepted, see <heddle/check/suppression.hpp>.
#pragma once

#include "heddle/check/finding.hpp"
#include "heddle/check/suppression.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace heddle::check {

// The suppressions of a file, one a line; empty lines and those that begin with `#` are none. Or a sentence that says
// what is wrong, and in which line. `origin` names the file in messages.
std::variant<std::vector<suppression>, std::string> parse_suppressions(std::string_view text,
                                                                       const std::string& origin);

// The same of the file at the path.
std::variant<std::vector<suppression>, std::string> read_suppressions(const std::string& path);

// What is wrong with one that the test made; empty if nothing is.
std::string what_is_wrong_with(const suppression& one);

bool suppresses(const suppression& rule, const finding& what);

// As a line of a file, without its reason.
std::string to_string(const suppression& one);

// The suppressions of one exploration, and what each has hidden there.
class suppression_list {
 public:
  explicit suppression_list(const std::vector<suppression>& all);

  bool empty() const noexcept { return rules_.empty(); }
  // The number of the first that suppresses it, if one does.
  std::optional<std::size_t> rule_for(const finding& what) const;
  // One schedule more for each of those with the numbers, however often they are named.
  void count(std::vector<std::size_t> numbers);
  // Takes out what is suppressed, unless that is all.
  void leave_the_others(std::vector<finding>& all) const;

  const std::vector<suppressed_findings>& all() const noexcept { return rules_; }
  std::vector<suppressed_findings> used() const;
  std::vector<suppression> unused() const;

 private:
  std::vector<suppressed_findings> rules_;
};

// At the end of the process, names on standard error the suppressions from files that no exploration used.
void report_unused_at_exit(const suppression_list& after_an_exploration);

}  // namespace heddle::check
