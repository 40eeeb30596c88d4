// What a user may add to a program, for what no variable of the environment sets.
#include <heddle/check/program.hpp>

void heddle::check::configure(program_options& chosen) {
  chosen.explore.schedules = 17;
  chosen.explore.leaks = true;
  chosen.explore.stuck_after = std::chrono::seconds(1);
  chosen.explore.name = "configured name";
}
