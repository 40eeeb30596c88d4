#include "program/transcript.hpp"

#include <array>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace heddle::check {
namespace {

// Answers by a counter, and remembers what it was asked and told.
class remembering final : public sim::decision_source, public sim::event_observer {
 public:
  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override {
    asked.push_back(point.runnable.size() * 1000 + point.step);
    if (!point.next.empty()) asked.push_back(point.next.back().object);
    return point.runnable[asked.size() % point.runnable.size()];
  }
  std::uint32_t choose(sim::choice_kind kind, std::uint32_t candidates) noexcept override {
    asked.push_back(static_cast<std::uint64_t>(kind) * 100 + candidates);
    return static_cast<std::uint32_t>(asked.size() + shift) % candidates;
  }
  void on_event(const sim::event& what, std::uintptr_t object) noexcept override {
    asked.push_back(what.object + object);
  }
  bool wants_touches() const noexcept override { return true; }
  void on_touch(sim::operation_kind kind, std::uintptr_t object) noexcept override {
    asked.push_back(static_cast<std::uint64_t>(kind) * 10'000 + object);
  }

  std::vector<std::uint64_t> asked;
  std::size_t shift = 0;
};

void ask(sim::decision_source& source, sim::event_observer& observer) {
  const std::array<sim::thread_id, 3> runnable{4, 0, 2};
  const std::array<sim::operation, 2> next{{{.kind = sim::operation_kind::yield, .writes = false, .object = 0},
                                            {.kind = sim::operation_kind::mutex_lock, .writes = true, .object = 77}}};
  source.choose_thread(
      {.current = 1, .current_runnable = true, .runnable = runnable, .next = next, .step = 9, .now = 8});
  observer.on_event({.object = 5, .thread = 1, .kind = sim::operation_kind::mutex_lock}, 123);
  observer.on_touch(sim::operation_kind::memory_write, 321);
  source.choose(sim::choice_kind::wake_order, 3);
  source.choose_thread({.runnable = std::span(runnable).first(1), .next = {}, .step = 10});
}

TEST(Transcript, TellsTheOriginalsWhatTheirCopiesInAForkedProcessWereTold) {
  shared_buffer buffer;
  remembering original;
  const pid_t child = fork();
  if (child == 0) {
    transcript_writer writer(original, &original, buffer);
    ask(writer, writer);
    end_transcript(buffer);
    buffer.put(std::uint32_t{4711});
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(original.asked.empty());
  repeat_transcript(buffer, original, &original);
  remembering expected;
  ask(expected, expected);
  EXPECT_EQ(original.asked, expected.asked);
  EXPECT_EQ(buffer.get<std::uint32_t>(), 4711U) << "what follows the transcript is left to be read";
  EXPECT_TRUE(buffer.at_end());
}

TEST(Transcript, OfAProcessThatDiedEndsWhereItLeftOff) {
  shared_buffer buffer;
  remembering source;
  transcript_writer writer(source, nullptr, buffer);
  writer.choose(sim::choice_kind::test, 5);
  remembering again;
  repeat_transcript(buffer, again, nullptr);
  EXPECT_EQ(again.asked, source.asked);
}

TEST(Transcript, NoticesASourceThatIsNoFunctionOfWhatItIsAsked) {
  shared_buffer buffer;
  remembering source;
  transcript_writer writer(source, nullptr, buffer);
  writer.choose(sim::choice_kind::test, 5);
  end_transcript(buffer);
  remembering other;
  other.shift = 1;
  EXPECT_THROW(repeat_transcript(buffer, other, nullptr), std::logic_error);
}

TEST(SharedBuffer, IsEmptyAgainAfterALongText) {
  shared_buffer buffer;
  const std::string text(10'000'000, 'x');
  buffer.put(text);
  EXPECT_EQ(buffer.get_text(), text);
  buffer.clear();
  EXPECT_TRUE(buffer.at_end());
  EXPECT_EQ(buffer.get<int>(), 0);
  buffer.put(5);
  EXPECT_EQ(buffer.get<int>(), 5);
}

TEST(SharedBuffer, DropsWhatDoesNotFitAndSaysSo) {
  shared_buffer buffer;
  const std::string text(std::size_t{300} << 20, 'x');
  for (int i = 0; i < 3; ++i) buffer.put(text);
  EXPECT_FALSE(buffer.overflowed());
  buffer.put(text);
  EXPECT_TRUE(buffer.overflowed());
  buffer.clear();
  EXPECT_FALSE(buffer.overflowed());
}

}  // namespace
}  // namespace heddle::check
