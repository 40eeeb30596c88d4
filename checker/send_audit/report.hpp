// What was found, as text for people and compilers' front ends, and as SARIF for code review tools.
#pragma once

#include "send_audit/coroutines.hpp"
#include "send_audit/debug_info.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace heddle::send_audit {

struct finding {
  place where;
  std::string function;
  std::string variable;  // empty for a temporary
  std::string reason;    // see rules::why_not
  evidence by = evidence::lives_across;
};

// One sentence, without the place.
std::string message_of(const finding& found);

// One line each, as compilers write warnings.
std::string as_text(const std::vector<finding>& findings);

// SARIF 2.1.0.
std::string as_sarif(const std::vector<finding>& findings);

// Whether the source says that this one is meant: `send-audit: allow (why)` on the line of the variable or in the
// comment above it. A file that cannot be read says nothing.
bool is_allowed(const place& where);

}  // namespace heddle::send_audit
