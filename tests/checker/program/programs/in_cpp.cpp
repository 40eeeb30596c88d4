// Programs in C++ that know nothing of heddle, one for each name that the first argument may have. See
// ../program_test.cpp.
#include <atomic>
#include <cassert>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

bool talkative = false;
bool checks_order = false;

struct speaker {
  explicit speaker(const char* text) : name(text) {}
  speaker(const speaker&) = delete;
  speaker& operator=(const speaker&) = delete;
  ~speaker() {
    if (talkative) std::cout << "destroyed: " << name << std::endl;
    if (checks_order && name == "constructed first") {
      assert(false && "shown with its output");
    }
  }
  std::string name;
};

speaker outlives_all{"constructed first"};
speaker goes_first{"constructed second"};
thread_local std::unique_ptr<speaker> of_the_thread;
const bool set_up_before_main = [] {
  of_the_thread = std::make_unique<speaker>("thread_local of the main thread");
  return true;
}();

std::atomic<bool> destroyed{false};
struct shared_value {
  ~shared_value() { destroyed.store(true); }
  std::atomic<int> value{1};
} shared;

int throws_in_main() {
  throw std::runtime_error("no more apples");
}

int throws_in_a_thread() {
  std::thread([] { throw std::runtime_error("no more pears"); }).join();
  return 0;
}

int destructors() {
  talkative = checks_order = true;
  assert(set_up_before_main && of_the_thread != nullptr);
  static const speaker in_function{"static of a function"};
  std::cout << "main" << std::endl;
  return 0;
}

// Uses a static object that the exit of main destroys.
int leaves_a_thread() {
  std::thread([] {
    for (int i = 0; i < 3; ++i) {
      assert(!destroyed.load());
      shared.value.fetch_add(1);
    }
  }).detach();
  return 0;
}

int joins_at_exit() {
  static std::thread worker([] { shared.value.fetch_add(1); });
  std::atexit([] { worker.join(); });
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "";
  if (name == "throws_in_main") return throws_in_main();
  if (name == "throws_in_a_thread") return throws_in_a_thread();
  if (name == "destructors") return destructors();
  if (name == "leaves_a_thread") return leaves_a_thread();
  if (name == "joins_at_exit") return joins_at_exit();
  std::fprintf(stderr, "unknown program: %s\n", name.c_str());
  return 99;
}
