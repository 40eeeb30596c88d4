#include "explore/identity.hpp"

#include "explore/executable.hpp"
#include "heddle/check/framework.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace heddle::check {

namespace {

constexpr unsigned explorations_max = 256;  // of one test, that a token is looked up among

framework* registered = nullptr;
std::map<std::string, unsigned>& counts() {
  static std::map<std::string, unsigned> by_name;
  return by_name;
}

std::uint32_t hash_with_ordinal(const std::string& name, unsigned ordinal) {
  return ordinal == 1 ? hash_of(name) : hash_of(fmt::format("{}#{}", name, ordinal));
}

bool owns(const std::string& name, std::uint32_t hash) {
  for (unsigned ordinal = 1; ordinal <= explorations_max; ++ordinal) {
    if (hash_with_ordinal(name, ordinal) == hash) return true;
  }
  return false;
}

}  // namespace

void set_framework(framework* observer) noexcept {
  registered = observer;
}
framework* current_framework() noexcept {
  return registered;
}
void test_begins() noexcept {
  counts().clear();
}

std::uint32_t identity::hash() const {
  return hash_with_ordinal(arguments.empty() ? name : name + ' ' + arguments, ordinal);
}

identity identify(const options& chosen) {
  identity who;
  const std::string test = registered == nullptr ? std::string() : registered->current_test();
  who.name = !chosen.name.empty() ? chosen.name : test;
  if (who.name.empty()) {
    const std::string path = executable_path();
    who.name = path.substr(path.rfind('/') + 1);
  }
  if (!test.empty()) who.filter = registered->filter_argument(test);
  who.ordinal = ++counts()[who.name];
  return who;
}

std::string wrong_test(const replay_token& token, const identity& who) {
  const std::string here = fmt::format("the token in HEDDLE_REPLAY does not belong to this test, {}", who.name);
  if (registered == nullptr) return here + ": run the command that was printed with it";
  for (const std::string& test : registered->tests()) {
    if (!owns(test, token.test)) continue;
    return fmt::format("{}, but to {}: run that one alone, with {}", here, test,
                       shell_word(registered->filter_argument(test)));
  }
  return here + ", nor to another test of this executable: run the command that was printed with it";
}

bool of_same_test(const replay_token& token, const identity& who) {
  return owns(who.name, token.test);
}

std::string replay_command(const std::string& token, const identity& who) {
  const std::string filter = who.filter.empty() ? std::string() : " " + shell_word(who.filter);
  const std::string arguments = who.arguments.empty() ? std::string() : " " + who.arguments;
  return fmt::format("HEDDLE_REPLAY={} {}{}{}", token, shell_word(executable_path()), filter, arguments);
}

}  // namespace heddle::check
