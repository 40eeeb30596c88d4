#include "explore/list.hpp"

#include "explore/channel.hpp"
#include "explore/executable.hpp"

#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace heddle::check {

bool is_list_wanted() {
  const char* const value = std::getenv("HEDDLE_LIST");
  return value != nullptr && std::string_view(value) == "1";
}

void list_and_exit(std::string_view kind, const std::vector<std::string>& tests,
                   const std::vector<std::string>& others) {
  const nlohmann::ordered_json list{{"event", "list"},
                                    {"kind", kind},
                                    {"build", fmt::format("{:08x}", build_hash())},
                                    {"tests", tests},
                                    {"others", others}};
  const std::string line = list.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  if (channel* const told = current_channel()) {
    told->say(line);
  } else {
    fmt::print("{}\n", line);
  }
  std::fflush(nullptr);
  // No test ran, so there is nothing that the end of the program would have to say.
  _exit(0);
}

}  // namespace heddle::check
