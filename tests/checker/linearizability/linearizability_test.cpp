// The search for an order of calls: known histories, a comparison with brute force, and long histories.
#include "heddle/check/linearizability.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heddle::check {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using outcome = linearizability::outcome;

// Writes of a value and reads; both return the value.
struct register_specification {
  using state = int;
  struct operation {
    bool writes;
    int value;
  };
  using result = int;
  static state initial() { return 0; }
  static result apply(state& now, const operation& what) { return what.writes ? now = what.value : now; }
  static std::string text(const operation& what) {
    return what.writes ? "write(" + std::to_string(what.value) + ")" : "read()";
  }
  static std::string text(result got) { return std::to_string(got); }
};

// Pushes of values above 0, which return 0, and pops, which return 0 from an empty queue. States have no hash.
struct queue_specification {
  using state = std::deque<int>;
  using operation = int;  // what is pushed; 0 pops
  using result = int;
  static state initial() { return {}; }
  static result apply(state& now, operation what) {
    if (what != 0) return now.push_back(what), 0;
    if (now.empty()) return 0;
    const int first = now.front();
    now.pop_front();
    return first;
  }
};

// A register for each key.
struct map_specification {
  using state = int;
  struct operation {
    int key_of;
    bool writes;
    int value;
  };
  using result = int;
  static state initial() { return 0; }
  static result apply(state& now, const operation& what) { return what.writes ? now = what.value : now; }
  static int key(const operation& what) { return what.key_of; }
};

constexpr register_specification::operation read{false, 0};
constexpr register_specification::operation write(int value) {
  return {true, value};
}

using register_history = history<register_specification>;
using queue_history = history<queue_specification>;

TEST(Linearizability, NoCallsAreLinearizable) {
  EXPECT_TRUE(check_linearizability<register_specification>({}).holds());
}

TEST(Linearizability, AReadMaySeeAnOverlappingWriteOrNot) {
  for (const int seen : {0, 1}) {
    const register_history calls{{0, write(1), 0, 1, 3}, {1, read, 1, seen, 2}};
    EXPECT_TRUE(check_linearizability<register_specification>(calls).holds()) << seen;
  }
}

TEST(Linearizability, AReadMustSeeAWriteThatReturnedBefore) {
  const register_history calls{{0, write(1), 0, 1, 1}, {1, read, 2, 0, 3}};
  const linearizability judged = check_linearizability<register_specification>(calls);
  EXPECT_EQ(judged.found, outcome::not_linearizable);
  EXPECT_THAT(judged.order, ElementsAre(0));
}

TEST(Linearizability, TwoReadsMustNotSeeWritesGoBackwards) {
  const register_history calls{{0, write(1), 0, 1, 7}, {1, read, 1, 1, 2}, {1, read, 3, 0, 4}, {2, read, 5, 1, 6}};
  EXPECT_EQ(check_linearizability<register_specification>(calls).found, outcome::not_linearizable);
}

TEST(Linearizability, TheOrderExplainsTheHistory) {
  // The queue of Herlihy and Wing's example: 1 is pushed while 2 is, and 2 comes out first.
  const queue_history calls{{0, 1, 0, 0, 3}, {1, 2, 1, 0, 2}, {0, 0, 4, 2, 5}, {1, 0, 6, 1, 7}};
  const linearizability judged = check_linearizability<queue_specification>(calls);
  EXPECT_TRUE(judged.holds());
  EXPECT_THAT(judged.order, ElementsAre(1, 0, 2, 3));
}

TEST(Linearizability, AQueueThatGivesOneValueTwiceIsNone) {
  const queue_history calls{{0, 1, 0, 0, 1}, {1, 0, 2, 1, 5}, {2, 0, 3, 1, 4}};
  EXPECT_EQ(check_linearizability<queue_specification>(calls).found, outcome::not_linearizable);
}

TEST(Linearizability, ACallThatNeverReturnedMayHaveTakenEffect) {
  const register_history calls{{0, write(1), 0, std::nullopt, 0}, {1, read, 1, 0, 2}, {1, read, 3, 1, 4}};
  EXPECT_TRUE(check_linearizability<register_specification>(calls).holds());
}

TEST(Linearizability, ACallThatNeverReturnedMayHaveDoneNothing) {
  const register_history calls{{0, write(1), 0, std::nullopt, 0}, {1, read, 1, 0, 2}};
  const linearizability judged = check_linearizability<register_specification>(calls);
  EXPECT_TRUE(judged.holds());
  EXPECT_THAT(judged.order, ElementsAre(1));
}

TEST(Linearizability, ACallThatNeverReturnedHasNoEffectBeforeItsInvocation) {
  const register_history calls{{1, read, 0, 1, 1}, {0, write(1), 2, std::nullopt, 0}};
  EXPECT_EQ(check_linearizability<register_specification>(calls).found, outcome::not_linearizable);
}

TEST(Linearizability, AClientMayGoOnAfterACallThatNeverReturned) {
  const register_history calls{{0, write(1), 0, std::nullopt, 0}, {0, read, 1, 0, 2}, {0, read, 3, 1, 4}};
  EXPECT_TRUE(check_linearizability<register_specification>(calls).holds());
}

TEST(Linearizability, KeysAreJudgedByThemselves) {
  history<map_specification> calls{
      {0, {1, true, 5}, 0, 5, 1}, {1, {2, false, 0}, 2, 0, 3}, {1, {1, false, 0}, 4, 5, 5}};
  EXPECT_TRUE(check_linearizability<map_specification>(calls).holds());
  calls[1].result = 5;
  const linearizability judged = check_linearizability<map_specification>(calls);
  EXPECT_EQ(judged.found, outcome::not_linearizable);
  EXPECT_THAT(judged.order, ElementsAre());
}

TEST(Linearizability, EndsUndecidedAtTheLimitOfSteps) {
  const register_history calls{{0, write(1), 0, 1, 3}, {1, read, 1, 0, 2}};
  const linearizability judged = check_linearizability<register_specification>(calls, {.steps_max = 1});
  EXPECT_EQ(judged.found, outcome::undecided);
  EXPECT_EQ(judged.steps, 1U);
  EXPECT_THAT(judged.text, HasSubstr("after 1 tries"));
}

TEST(Linearizability, DrawsTheHistoryAndHowFarItCanBeExplained) {
  const register_history calls{
      {0, write(1), 0, 1, 1}, {1, write(2), 2, 2, 4}, {2, read, 3, 0, 5}, {3, write(3), 6, std::nullopt, 0}};
  EXPECT_EQ(check_linearizability<register_specification>(calls).text,
            "client 0       client 1    client 2  client 3\n"
            "write(1) -> 1\n"
            "               + write(2)\n"
            "               |           + read()\n"
            "               + -> 2      |\n"
            "                           + -> 0\n"
            "                                     + write(3)\n"
            "                                     : never returned\n"
            "the longest order that the specification explains is:\n"
            "  client 0: write(1) -> 1\n"
            "  client 1: write(2) -> 2\n"
            "and none of these can come next:\n"
            "  client 2: read() -> 0, where the specification gives 2");
}

TEST(Linearizability, DrawsAHistoryThatIsTooWideAsAList) {
  register_history calls;
  for (std::uint32_t i = 0; i < 20; ++i) calls.push_back({i, read, 2 * i, 7, 2 * i + 1});
  EXPECT_THAT(check_linearizability<register_specification>(calls).text, HasSubstr("\nclient 19: read() -> 7\n"));
}

// Every order of every set of calls that contains the ones that returned.
template <typename Specification>
bool brute_force(const history<Specification>& calls, std::vector<bool>& placed, typename Specification::state now) {
  const auto returned = [&](std::size_t i) { return calls[i].result ? calls[i].returned : detail::never; };
  bool all = true;
  for (std::size_t i = 0; i < calls.size(); ++i) all = all && (placed[i] || !calls[i].result);
  if (all) return true;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (placed[i]) continue;
    bool first = true;
    for (std::size_t j = 0; j < calls.size(); ++j) first = first && (placed[j] || calls[i].invoked < returned(j));
    typename Specification::state after = now;
    const auto got = Specification::apply(after, calls[i].operation);
    if (!first || (calls[i].result && !(got == *calls[i].result))) continue;
    placed[i] = true;
    if (brute_force<Specification>(calls, placed, after)) return true;
    placed[i] = false;
  }
  return false;
}

// Up to 7 calls by up to 3 clients that each make one call at a time, one in ten of which never returns.
template <typename Specification, typename MakeCall>
history<Specification> random_history(std::mt19937& random, MakeCall make_call) {
  const auto below = [&](unsigned n) { return static_cast<std::uint32_t>(random() % n); };
  const std::uint32_t clients = 1 + below(3);
  const std::size_t count = below(8);
  std::vector<std::optional<std::size_t>> running(clients);
  history<Specification> calls;
  std::uint64_t now = 0;
  while (calls.size() < count || std::ranges::any_of(running, [](const auto& one) { return one.has_value(); })) {
    auto& mine = running[below(clients)];
    const auto client = static_cast<std::uint32_t>(&mine - running.data());
    if (mine) {
      if (below(10) == 0) {
        calls[*mine].result.reset();
      } else {
        calls[*mine].returned = now++;
      }
      mine.reset();
    } else if (calls.size() < count) {
      mine = calls.size();
      calls.push_back(make_call(client));
      calls.back().invoked = now++;
    }
  }
  return calls;
}

// Both verdicts come often enough that a search that always gives one of them is found out at once; one that is wrong
// for one history in 2,000 is missed with a chance of e^-10.
template <typename Specification, typename MakeCall>
void compare_with_brute_force(MakeCall make_call) {
  constexpr int histories = 20'000;
  std::mt19937 random(1);
  int linearizable = 0;
  for (int i = 0; i < histories; ++i) {
    const auto calls =
        random_history<Specification>(random, [&](std::uint32_t client) { return make_call(random, client); });
    std::vector<bool> placed(calls.size());
    const bool expected = brute_force<Specification>(calls, placed, Specification::initial());
    const linearizability judged = check_linearizability<Specification>(calls);
    ASSERT_EQ(judged.found, expected ? outcome::linearizable : outcome::not_linearizable)
        << "history " << i << judged.text;
    linearizable += expected ? 1 : 0;
  }
  EXPECT_GT(linearizable, histories / 5);
  EXPECT_LT(linearizable, histories * 4 / 5);
}

TEST(Linearizability, AgreesWithBruteForceOnRegisters) {
  compare_with_brute_force<register_specification>([](std::mt19937& random, std::uint32_t client) {
    const int value = static_cast<int>(random() % 2);
    const bool writes = random() % 2 == 0;
    return call<register_specification>{client, {writes, value}, 0, value, 0};
  });
}

TEST(Linearizability, AgreesWithBruteForceOnQueues) {
  compare_with_brute_force<queue_specification>([](std::mt19937& random, std::uint32_t client) {
    const int pushed = random() % 2 == 0 ? 1 + static_cast<int>(random() % 2) : 0;
    const int result = pushed == 0 ? static_cast<int>(random() % 3) : 0;
    return call<queue_specification>{client, pushed, 0, result, 0};
  });
}

// What a correct queue could have returned: each call takes effect at a random moment between its two. Each client
// pushes and pops in turn, so that the queue stays short: in which order two overlapping pushes took effect shows when
// the values come out, and what was tried in between is tried again.
queue_history long_history(std::uint32_t clients, std::size_t count) {
  std::mt19937 random(1);
  enum class stage : std::uint8_t { idle, invoked, done };
  std::vector<stage> stages(clients, stage::idle);
  std::vector<std::size_t> current(clients);
  std::vector<bool> pushes(clients);
  queue_history calls;
  std::deque<int> queue;
  std::uint64_t now = 0;
  while (calls.size() < count || std::ranges::any_of(stages, [](stage one) { return one != stage::idle; })) {
    const auto client = static_cast<std::uint32_t>(random() % clients);
    if (stages[client] == stage::idle) {
      if (calls.size() == count) continue;
      current[client] = calls.size();
      pushes[client] = !pushes[client];
      calls.push_back({client, pushes[client] ? 1 + static_cast<int>(random() % 3) : 0, now++, 0, 0});
      stages[client] = stage::invoked;
    } else if (stages[client] == stage::invoked) {
      auto& mine = calls[current[client]];
      mine.result = queue_specification::apply(queue, mine.operation);
      stages[client] = stage::done;
    } else {
      calls[current[client]].returned = now++;
      stages[client] = stage::idle;
    }
  }
  return calls;
}

TEST(Linearizability, DecidesThousandsOfCallsOfAFewClients) {
  queue_history calls = long_history(4, 10'000);
  const auto begun = std::chrono::steady_clock::now();
  const linearizability good = check_linearizability<queue_specification>(calls);
  EXPECT_TRUE(good.holds());
  EXPECT_EQ(good.order.size(), calls.size());
  // A value that nobody pushed.
  const auto popped = std::find_if(calls.rbegin(), calls.rend(), [](const auto& one) { return *one.result > 0; });
  popped->result = 9;
  EXPECT_EQ(check_linearizability<queue_specification>(calls).found, outcome::not_linearizable);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
}

}  // namespace

}  // namespace heddle::check
