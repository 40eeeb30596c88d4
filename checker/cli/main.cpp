// The `heddle` command: see docs/command-line.md.
#include "cli/arguments.hpp"
#include "cli/errors.hpp"
#include "cli/process.hpp"

#include <cstdio>
#include <exception>

#include <fmt/format.h>

int main(int argc, char** argv) {
  using namespace heddle::cli;
  try {
    catch_interrupts();
    return run(argc, argv);
  } catch (const usage_error& wrong) {
    fmt::print(stderr, "heddle: {}\n", wrong.what());
    return wrong_usage;
  } catch (const std::exception& failed) {
    fmt::print(stderr, "heddle: the tool itself failed: {}\n", failed.what());
    return broken;
  }
}
