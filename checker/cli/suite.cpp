#include "cli/suite.hpp"

#include "cli/errors.hpp"
#include "explore/executable.hpp"
#include "explore/token.hpp"

#include <algorithm>
#include <optional>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace heddle::cli {

namespace {

using nlohmann::json;

constexpr auto answer_within = std::chrono::seconds(60);
constexpr unsigned explorations_max = 256;  // of one test, as identity.cpp has it

std::optional<json> answer_of(process& asked) {
  for (const std::string& line : asked.channel().take_lines()) {
    json event = json::parse(line, nullptr, false);
    if (event.is_object() && event.value("event", "") == "list") return event;
  }
  return std::nullopt;
}

binary_kind kind_of(const std::string& name) {
  if (name == "gtest") return binary_kind::gtest;
  return name == "program" ? binary_kind::program : binary_kind::main;
}

std::string words_of(const std::vector<std::string>& arguments) {
  std::string text;
  for (const std::string& one : arguments) text += (text.empty() ? "" : " ") + check::shell_word(one);
  return text;
}

// As identity::hash() makes it.
bool owns(const std::string& name, std::uint32_t hash) {
  for (unsigned ordinal = 1; ordinal <= explorations_max; ++ordinal) {
    if (check::hash_of(ordinal == 1 ? name : fmt::format("{}#{}", name, ordinal)) == hash) return true;
  }
  return false;
}

}  // namespace

command_line suite::command(const std::vector<std::string>& chosen) const {
  command_line result;
  result.words.push_back(file.path);
  result.words.insert(result.words.end(), arguments.begin(), arguments.end());
  // The tests were chosen when they were listed: by the shard of GoogleTest, too.
  result.unset = {"GTEST_TOTAL_SHARDS", "GTEST_SHARD_INDEX", "GTEST_SHARD_STATUS_FILE",
                  "GTEST_OUTPUT",       "HEDDLE_REPLAY",     "HEDDLE_LIST"};
  if (kind == binary_kind::gtest) {
    // The last one counts.
    result.words.push_back(fmt::format("--gtest_filter={}", fmt::join(chosen, ":")));
  }
  return result;
}

std::string suite::owner_of(std::uint32_t test_hash) const {
  for (const auto* all : {&tests, &others}) {
    for (const std::string& test : *all) {
      const bool alone = arguments.empty() || kind == binary_kind::gtest;
      if (owns(alone ? test : test + ' ' + words_of(arguments), test_hash)) return test;
    }
  }
  return {};
}

std::string suite::filter_of(const std::string& test) const {
  return kind == binary_kind::gtest ? fmt::format("--gtest_filter={}", test) : words_of(arguments);
}

suite list_tests(const binary& file, const std::vector<std::string>& arguments) {
  suite result{.file = file, .arguments = arguments};
  command_line asked;
  asked.words.push_back(file.path);
  asked.words.insert(asked.words.end(), arguments.begin(), arguments.end());
  asked.set = {{"HEDDLE_LIST", "1"}};
  asked.unset = {"HEDDLE_REPLAY", "GTEST_OUTPUT", "GTEST_SHARD_STATUS_FILE"};
  try {
    process answering(asked, {.time = answer_within, .memory = memory_for_each(1)}, output_use::kept);
    while (answering.look(process::clock::now()) && !is_interrupted()) wait_for_any({&answering}, answer_within);
    const auto answer = answer_of(answering);
    if (!answer) {
      throw usage_error(fmt::format("{} did not say which tests it has; it {}{}{}", file.path, answering.end_text(),
                                    answering.output().empty() ? "" : ", and printed:\n", answering.output()));
    }
    result.kind = kind_of(answer->value("kind", ""));
    result.tests = answer->value("tests", std::vector<std::string>{});
    result.others = answer->value("others", std::vector<std::string>{});
  } catch (const std::system_error& failed) {
    throw usage_error(fmt::format("{} cannot be run: {}", file.path, failed.code().message()));
  }
  if (result.kind == binary_kind::main) result.tests = {file.name()};
  return result;
}

}  // namespace heddle::cli
