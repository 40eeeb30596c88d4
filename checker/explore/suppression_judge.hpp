// Which failures are suppressed: asked by the machine before it ends an execution, and by the exploration afterwards.
//
// How it works. A failure is known by its kind, its stacks and the awaits of its tasks; what was said of it once holds
// for the exploration, so that debugging information is read for it once. A failure that concerns all threads is looked
// at each time.
//
// Thread safety: that of the exploration.
#pragma once

#include "heddle/sim/machine.hpp"
#include "report/suppressions.hpp"
#include "symbols/symbolizer.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace heddle::check {

class suppression_judge final : public sim::failure_judge {
 public:
  suppression_judge(suppression_list& rules, symbolizer& symbols) noexcept : rules_(rules), symbols_(symbols) {}

  bool accepts(const sim::failure& what) noexcept override { return rule_for(what).has_value(); }
  // Whether the execution ended with failures of which each is suppressed. Then they are counted; those after which it
  // went on are in any case.
  bool suppresses_end_of(const sim::execution_result& result);

 private:
  using key = std::vector<std::uintptr_t>;

  static key key_of(const sim::failure& what);
  std::optional<std::size_t> rule_for(const sim::failure& what);

  suppression_list& rules_;
  symbolizer& symbols_;
  std::map<key, std::optional<std::size_t>> known_;
};

}  // namespace heddle::check
