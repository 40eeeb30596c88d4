#include "explore/channel.hpp"

#include "cli/channel_reader.hpp"
#include "explore/token.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace heddle::check {
namespace {

using testing::HasSubstr;

// A token as the checker makes it.
std::string token_of_schedule(std::uint64_t index) {
  const std::string fields = "h1-random-sync-5d0e2f3a-9c41b7aa-4d-" + std::to_string(index);
  return fields + "-" + check_of_token(fields);
}

// Both ends in one process. The writer lives as long as the process does, as it does in a test binary.
channel* writer_of(const cli::channel_reader& reader) {
  std::string why;
  // By another name than /proc/self: that one hands the descriptor over.
  channel* const made =
      channel::open("/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(reader.descriptor()), why);
  EXPECT_NE(made, nullptr) << why;
  return made;
}

TEST(Channel, IsConnectedWhenTheTestBinaryHasOpenedIt) {
  const cli::channel_reader reader;
  EXPECT_FALSE(reader.is_connected());
  EXPECT_EQ(reader.token(), "");
  writer_of(reader);
  EXPECT_TRUE(reader.is_connected());
}

TEST(Channel, EventsArriveAsLinesInOrder) {
  cli::channel_reader reader;
  channel* const writer = writer_of(reader);
  EXPECT_TRUE(reader.take_lines().empty());
  writer->test_begins("Suite.\"Name\"");
  writer->test_ended("Suite.\"Name\"", channel::test_outcome::skipped, 12);
  const auto lines = reader.take_lines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], R"({"event":"test","test":"Suite.\"Name\"","ms":0})");
  EXPECT_EQ(lines[1], R"({"event":"skipped","test":"Suite.\"Name\"","ms":12})");
  EXPECT_TRUE(reader.take_lines().empty());
  writer->report_whole(R"({"a":1})");
  EXPECT_EQ(reader.take_lines(), std::vector<std::string>{R"({"event":"report","report":{"a":1}})"});
}

TEST(Channel, TokenIsThatOfTheScheduleThatRuns) {
  const cli::channel_reader reader;
  channel* const writer = writer_of(reader);
  writer->exploration_begins("Suite.Name", token_of_schedule(0));
  writer->schedule_begins(0);
  writer->schedule_begins(1234);
  EXPECT_EQ(reader.exploration(), "Suite.Name");
  EXPECT_EQ(reader.token(), token_of_schedule(1234));
  EXPECT_EQ(reader.page().schedules.load(), 2U);
}

TEST(Channel, NamesThatAreTooLongAreCut) {
  const cli::channel_reader reader;
  writer_of(reader)->exploration_begins(std::string(5000, 'x'), token_of_schedule(0));
  EXPECT_EQ(reader.exploration(), std::string(511, 'x'));
  EXPECT_EQ(reader.token(), token_of_schedule(0));
}

TEST(Channel, SketchCountsTheDifferentSchedules) {
  const cli::channel_reader reader;
  channel* const writer = writer_of(reader);
  for (std::uint64_t i = 0; i < 300; ++i) writer->schedule_ended(i % 3);
  EXPECT_NEAR(reader.page().seen.estimate(), 3, 0.1);
}

TEST(Channel, FileThatIsNotThereIsSaid) {
  std::string why;
  EXPECT_EQ(channel::open("/proc/self/fd/12345", why), nullptr);
  EXPECT_THAT(why, HasSubstr("No such file"));
}

}  // namespace
}  // namespace heddle::check
