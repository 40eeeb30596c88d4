#include "cli/corpus/state.hpp"

#include "corpus/facts.hpp"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace heddle::cli {
namespace {

TEST(Record, LineIsReadBackAsTheSameFact) {
  for (const record& what : {record{finding_at(7)}, record{verdict_at(8)}, record{progress_at(9, 3)}}) {
    EXPECT_EQ(parse_record(to_line(what)), what) << to_line(what);
    EXPECT_EQ(to_line(what).find('\n'), std::string::npos);
  }
}

TEST(Record, DamagedLinesAreNone) {
  const std::string line = to_line(finding_at(7));
  for (std::size_t size = 0; size < line.size(); ++size) EXPECT_FALSE(parse_record(line.substr(0, size)).has_value());
  EXPECT_FALSE(parse_record("{}").has_value());
  EXPECT_FALSE(parse_record(R"({"type":"finding"})").has_value());
  EXPECT_FALSE(parse_record(R"({"type":"other"})").has_value());
}

TEST(CorpusState, FindingIsOpenUntilAVerdictAndAgainWhenItIsSeenLater) {
  corpus_state state;
  state.add(finding_at(10));
  const finding_key key = key_of(finding_at(10));
  EXPECT_FALSE(state.findings().at(key).is_fixed());
  state.add(verdict_at(20));
  EXPECT_TRUE(state.findings().at(key).is_fixed());
  state.add(finding_at(30));
  EXPECT_FALSE(state.findings().at(key).is_fixed());
  EXPECT_EQ(state.findings().at(key).first().time, 10);
  EXPECT_EQ(state.findings().at(key).last.time, 30);
}

TEST(CorpusState, EqualTimesCountAsSeen) {
  corpus_state state;
  state.add(finding_at(10));
  state.add(verdict_at(10));
  EXPECT_FALSE(state.findings().begin()->second.is_fixed());
}

TEST(CorpusState, ProgressIsTheLatestOfEachShard) {
  corpus_state state;
  EXPECT_TRUE(state.add(progress_at(10, 1)));
  EXPECT_TRUE(state.add(progress_at(20, 2)));
  EXPECT_FALSE(state.add(progress_at(10, 1)));
  EXPECT_TRUE(state.add(progress_at(5, 7, "2/2")));
  ASSERT_EQ(state.progress().size(), 2U);
  EXPECT_EQ(state.progress().begin()->second.slices, 2U);
}

// All facts of two findings and two shards, in every order that chance gives.
TEST(CorpusState, IsTheSameInWhateverOrderAndHoweverOftenFactsCome) {
  std::vector<record> facts;
  for (const std::int64_t time : {10, 20, 20, 30}) {
    facts.emplace_back(finding_at(time));
    facts.emplace_back(finding_at(time, "0000000000000001"));
    facts.emplace_back(verdict_at(time + 5));
    facts.emplace_back(progress_at(time, static_cast<std::uint64_t>(time)));
    facts.emplace_back(progress_at(time, 3, "2/2"));
  }
  // Equal times, other contents.
  finding_record other = finding_at(20);
  other.token = "h1-other";
  facts.emplace_back(other);
  facts.emplace_back(progress_at(20, 21));
  std::mt19937 chance(7);
  std::vector<std::string> expected;
  for (int round = 0; round < 200; ++round) {
    std::shuffle(facts.begin(), facts.end(), chance);
    corpus_state state;
    for (const record& one : facts) state.add(one);
    if (round == 0) expected = state.lines();
    ASSERT_EQ(state.lines(), expected) << round;
    // In two halves, the facts that matter of the one joined to the other.
    corpus_state left;
    corpus_state right;
    for (std::size_t i = 0; i < facts.size(); ++i) (i < facts.size() / 2 ? left : right).add(facts[i]);
    left.join(right);
    ASSERT_EQ(left.lines(), expected) << round;
    corpus_state read;
    for (const std::string& line : expected) read.add(*parse_record(line));
    ASSERT_EQ(read.lines(), expected);
  }
}

}  // namespace
}  // namespace heddle::cli
