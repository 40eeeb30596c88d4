#include "report/durable_file.hpp"

#include <fstream>
#include <iterator>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

namespace heddle::check {
namespace {

namespace fs = std::filesystem;

class DurableFile : public testing::Test {
 protected:
  DurableFile() { fs::create_directories(folder_); }
  ~DurableFile() override { fs::remove_all(folder_); }

  static std::string content_of(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const fs::path folder_ = fs::path(testing::TempDir()) / ("heddle_durable_" + std::to_string(getpid()));
};

TEST_F(DurableFile, ReplacesWhatWasThereAndLeavesNothingBeside) {
  const fs::path path = folder_ / "a.json";
  EXPECT_TRUE(replace_file(path, "first"));
  EXPECT_TRUE(replace_file(path, std::string_view("sec\0nd", 6)));
  EXPECT_EQ(content_of(path), std::string("sec\0nd", 6));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
}

TEST_F(DurableFile, SaysWhenItCannotBeWritten) {
  EXPECT_FALSE(replace_file(folder_ / "no" / "such" / "folder", "x"));
  fs::create_directories(folder_ / "taken" / "by");
  EXPECT_FALSE(replace_file(folder_ / "taken", "x"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
}

TEST_F(DurableFile, ReaderSeesOneOfTheContentsWhole) {
  const fs::path path = folder_ / "a";
  const std::string one(20'000, 'a');
  const std::string other(30'000, 'b');
  ASSERT_TRUE(replace_file(path, one));
  std::thread writer([&] {
    for (int i = 0; i < 50; ++i) replace_file(path, i % 2 == 0 ? other : one);
  });
  for (int i = 0; i < 200; ++i) {
    const std::string seen = content_of(path);
    EXPECT_TRUE(seen == one || seen == other) << seen.size();
  }
  writer.join();
}

TEST_F(DurableFile, UnfinishedFilesAreToldByTheirName) {
  EXPECT_TRUE(is_unfinished_file("/x/a.json.12.0.new"));
  EXPECT_FALSE(is_unfinished_file("/x/a.json"));
}

}  // namespace
}  // namespace heddle::check
