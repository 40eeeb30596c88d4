// Names with wildcards, as suppressions and heddle-send-audit take them. Thread safety: any thread.
#pragma once

#include <string_view>

namespace heddle::check {

// Whether the pattern fits the whole text. `*` in it stands for any letters, also for none.
bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace heddle::check
