// What a corpus of many facts costs to load: `bench_corpus FOLDER [FACTS]` makes one there, if there is none, and loads
// it.
//
// Each fact is a finding of its own, which costs most. Prints seconds of processor time, megabytes on disk, and
// megabytes of memory that loading took.
#include "cli/corpus/store.hpp"
#include "rounds.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

namespace {

using namespace heddle;

cli::finding_record finding(std::uint64_t number) {
  cli::finding_record what;
  what.program = "my_tests";
  what.test = fmt::format("Queue.PushAndPop{}", number % 1000);
  what.signature = fmt::format("{:016x}", number * 0x9e3779b97f4a7c15ULL);
  what.kind = "data-race";
  what.message = "a data race: write of 8 bytes on thread 1, and read of 8 bytes on thread 2";
  what.file = "/home/me/project/src/queue.cpp";
  what.line = static_cast<unsigned>(number % 5000);
  what.token = fmt::format("h1-portfolio-sync-5d0e2f3a-9c41b7aa-{:x}-{}-03fe", number * 7919, number);
  what.replay =
      fmt::format("HEDDLE_REPLAY={} /home/me/project/build/my_tests --gtest_filter={}", what.token, what.test);
  what.build = "9c41b7aa";
  what.schedule = number;
  what.time = 1'700'000'000'000 + static_cast<std::int64_t>(number);
  return what;
}

void make(const std::filesystem::path& folder, std::uint64_t facts) {
  cli::corpus_store store(folder, cli::corpus_store::missing::made);
  cli::corpus_state all;
  for (std::uint64_t i = 0; i < facts; ++i) all.add(finding(i));
  store.join(all);
  store.compact();
}

std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  file >> size >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: bench_corpus FOLDER [FACTS]\n");
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  if (!std::filesystem::exists(folder)) {
    make(folder, argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 100'000);
    fmt::print("made; run it again to measure\n");
    return 0;
  }
  std::uintmax_t disk = 0;
  for (const auto& one : std::filesystem::recursive_directory_iterator(folder)) {
    if (one.is_regular_file()) disk += one.file_size();
  }
  const std::uint64_t before = resident_bytes();
  const double begun = bench::processor_time();
  cli::corpus_store store(folder, cli::corpus_store::missing::wrong);
  store.load();
  const double seconds = (bench::processor_time() - begun) / 1e9;
  fmt::print("{} findings in {:.2f} s of processor time, {} MB on disk, {} MB of memory\n",
             store.state().findings().size(), seconds, disk / 1'000'000, (resident_bytes() - before) / 1'000'000);
}
