#include "cli/corpus/store.hpp"

#include "cli/errors.hpp"
#include "corpus/facts.hpp"

#include <chrono>
#include <csignal>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace heddle::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class CorpusStore : public testing::Test {
 protected:
  ~CorpusStore() override { fs::remove_all(folder_); }

  corpus_store opened() const { return {folder_, corpus_store::missing::made}; }
  static std::vector<std::string> lines_of(const fs::path& folder) {
    corpus_store store(folder, corpus_store::missing::wrong);
    return store.load().lines();
  }
  std::size_t files_in(const char* part) const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_ / part), {}));
  }
  static std::string signature(std::size_t number) {
    char text[17];
    std::snprintf(text, sizeof text, "%016zx", number);
    return text;
  }

  const fs::path folder_ = fs::path(testing::TempDir()) / ("heddle_corpus_" + std::to_string(getpid()));
};

TEST_F(CorpusStore, KeepsWhatIsAdded) {
  corpus_store store = opened();
  store.add(finding_at(10));
  store.add(verdict_at(20));
  store.add(progress_at(5, 2));
  EXPECT_EQ(lines_of(folder_), store.state().lines());
  EXPECT_EQ(files_in("records"), 3U);
  store.compact();
  EXPECT_EQ(files_in("records"), 0U);
  EXPECT_EQ(files_in("packs"), 1U);
  EXPECT_EQ(lines_of(folder_), store.state().lines());
}

TEST_F(CorpusStore, ProgressTakesThePlaceOfWhatItsWriterSaidBefore) {
  corpus_store store = opened();
  for (std::uint64_t i = 1; i <= 50; ++i) store.add(progress_at(static_cast<std::int64_t>(i), i));
  EXPECT_EQ(files_in("records"), 1U);
  EXPECT_EQ(store.load().progress().begin()->second.slices, 50U);
}

TEST_F(CorpusStore, SameFactsMakeTheSamePack) {
  corpus_store store = opened();
  store.add(finding_at(10));
  store.add(finding_at(20));
  store.compact();
  const fs::path pack = fs::directory_iterator(folder_ / "packs")->path().filename();
  fs::remove_all(folder_);
  corpus_store again = opened();
  again.add(finding_at(20));
  again.compact();
  again.add(finding_at(10));
  again.compact();
  EXPECT_EQ(fs::directory_iterator(folder_ / "packs")->path().filename(), pack);
}

TEST_F(CorpusStore, FolderWithOtherFilesIsNoCorpus) {
  fs::create_directories(folder_);
  std::ofstream(folder_ / "thesis.tex") << "x";
  try {
    opened();
    FAIL() << "no error";
  } catch (const usage_error& wrong) {
    EXPECT_THAT(wrong.what(), HasSubstr("contains other files (thesis.tex)"));
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
  fs::remove_all(folder_);
  EXPECT_THROW(corpus_store(folder_, corpus_store::missing::wrong), usage_error);
}

TEST_F(CorpusStore, CorpusOfAnotherVersionIsLeftAlone) {
  opened();
  std::ofstream(folder_ / "heddle-corpus") << "heddle-corpus 2\n";
  EXPECT_THROW(opened(), usage_error);
}

TEST_F(CorpusStore, DamagedFileIsNamedKeptAndTakesNothingWithIt) {
  corpus_store store = opened();
  store.add(finding_at(10));
  std::ofstream(folder_ / "records" / "0123") << "{\"type\":\"find";
  EXPECT_EQ(store.load().findings().size(), 1U);
  ASSERT_EQ(store.damaged().size(), 1U);
  store.compact();
  EXPECT_TRUE(fs::exists(folder_ / "records" / "0123"));
}

TEST_F(CorpusStore, UnfinishedFilesAreNotReadAndDeletedWhenTheyAreOld) {
  corpus_store store = opened();
  const fs::path young = folder_ / "records" / "a.1.0.new";
  const fs::path old = folder_ / "records" / "b.1.0.new";
  std::ofstream(young) << "{";
  std::ofstream(old) << "{";
  fs::last_write_time(old, fs::file_time_type::clock::now() - std::chrono::hours(48));
  store.compact();
  EXPECT_TRUE(store.damaged().empty());
  EXPECT_TRUE(fs::exists(young));
  EXPECT_FALSE(fs::exists(old));
}

// Four processes add and compact as fast as they can while another one reads.
TEST_F(CorpusStore, ProcessesThatWriteAndCompactAtOnceLoseNothing) {
  constexpr std::size_t writers = 4;
  constexpr std::size_t facts = 60;
  opened();
  std::vector<pid_t> all;
  for (std::size_t writer = 0; writer < writers; ++writer) {
    const pid_t child = fork();
    if (child != 0) {
      all.push_back(child);
      continue;
    }
    corpus_store store = opened();
    for (std::size_t i = 0; i < facts; ++i) {
      store.add(finding_at(10, signature(writer * facts + i)));
      if (i % 10 == writer) store.compact();
    }
    _exit(0);
  }
  std::size_t seen = 0;
  for (int i = 0; i < 50; ++i) {
    corpus_store store = opened();
    const std::size_t now = store.load().findings().size();
    EXPECT_GE(now, seen);
    seen = now;
  }
  for (const pid_t child : all) {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(opened().load().findings().size(), writers * facts);
}

// A writer is killed in the middle, again and again: what it said it had added is there.
TEST_F(CorpusStore, WriterThatIsKilledLosesNothingThatItHadAdded) {
  opened();
  std::size_t next = 0;
  for (int round = 0; round < 40; ++round) {
    int told[2];
    ASSERT_EQ(pipe(told), 0);
    const pid_t child = fork();
    if (child == 0) {
      close(told[0]);
      corpus_store store = opened();
      store.load();
      for (std::size_t i = next;; ++i) {
        store.add(finding_at(10, signature(i)));
        if (write(told[1], &i, sizeof i) != sizeof i) _exit(1);
        if (i % 7 == 0) store.compact();
      }
    }
    close(told[1]);
    // However busy the machine is, it has added one before its time is measured.
    std::size_t i = 0;
    ASSERT_EQ(read(told[0], &i, sizeof i), static_cast<ssize_t>(sizeof i));
    usleep(static_cast<useconds_t>(round * 700));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    do next = i + 1;
    while (read(told[0], &i, sizeof i) == sizeof i);
    close(told[0]);
    const corpus_state state = opened().load();
    for (std::size_t each = 0; each < next; ++each) {
      ASSERT_TRUE(state.findings().contains(key_of(finding_at(10, signature(each))))) << each << " in round " << round;
    }
  }
  EXPECT_GE(next, 40U);
}

}  // namespace
}  // namespace heddle::cli
