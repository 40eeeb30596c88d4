// What the callback before a plain access costs: loops of instrumented code inside an execution, against the same
// loops compiled without instrumentation, and with it outside of any execution.
//
//   array     one read, in order, of 64 KiB
//   list      a read of the next node's address and one of its value, in an order that hops about, of 64 KiB
//   spread    two reads beside each other, over 4,096 pages: more than the processor has translations for
//   blocks    malloc, one write, free, of 64 bytes
//
// Usage: memory [rounds] [races], 7 rounds by default; with `races`, accesses are compared for data races too. Quote
// ratios between columns of one run, or differences.
#include "rounds.hpp"

#include <heddle/sim/machine.hpp>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#define HEDDLE_PLAIN __attribute__((noinline, no_sanitize("thread")))

namespace heddle::bench {
namespace {

struct node {
  node* next;
  std::uint64_t value;
};

constexpr std::size_t words = 64 * 1024 / sizeof(std::uint64_t);
constexpr std::size_t nodes = 64 * 1024 / sizeof(node);
constexpr std::size_t pages = 4096;
constexpr std::size_t page_words = 4096 / sizeof(std::uint64_t);

std::uint64_t* array;
node* list;
std::uint64_t* spread;
volatile std::uint64_t sink;
bool compared_for_races = false;

// Each loop is written once and compiled twice.
[[gnu::always_inline]] inline void walk_array(std::uint64_t times) {
  std::uint64_t sum = 0;
  const volatile std::uint64_t* const all = array;
  for (std::size_t i = 0; times > 0; --times, i = (i + 1) % words) sum += all[i];
  sink = sum;
}
[[gnu::always_inline]] inline void walk_list(std::uint64_t times) {
  std::uint64_t sum = 0;
  for (const volatile node* at = list; times > 0; --times, at = at->next) sum += at->value;
  sink = sum;
}
[[gnu::always_inline]] inline void walk_spread(std::uint64_t times) {
  std::uint64_t sum = 0;
  const volatile std::uint64_t* const all = spread;
  for (std::size_t i = 0; times > 0; --times, i = (i + 1'597) % pages) {
    sum += all[i * page_words] + all[i * page_words + 1];
  }
  sink = sum;
}
[[gnu::always_inline]] inline void use_blocks(std::uint64_t times) {
  for (; times > 0; --times) {
    auto* const block = static_cast<volatile std::uint64_t*>(malloc(64));
    block[1] = times;
    free(const_cast<std::uint64_t*>(block));
  }
}

using loop = void (*)(std::uint64_t);

[[gnu::noinline]] void seen_array(std::uint64_t times) {
  walk_array(times);
}
[[gnu::noinline]] void seen_list(std::uint64_t times) {
  walk_list(times);
}
[[gnu::noinline]] void seen_spread(std::uint64_t times) {
  walk_spread(times);
}
[[gnu::noinline]] void seen_blocks(std::uint64_t times) {
  use_blocks(times);
}
HEDDLE_PLAIN void plain_array(std::uint64_t times) {
  walk_array(times);
}
HEDDLE_PLAIN void plain_list(std::uint64_t times) {
  walk_list(times);
}
HEDDLE_PLAIN void plain_spread(std::uint64_t times) {
  walk_spread(times);
}
HEDDLE_PLAIN void plain_blocks(std::uint64_t times) {
  use_blocks(times);
}

class only_source final : public sim::decision_source {
 public:
  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override { return point.runnable.front(); }
  std::uint32_t choose(sim::choice_kind, std::uint32_t) noexcept override { return 0; }
};

void make_memory() {
  array = static_cast<std::uint64_t*>(calloc(words, sizeof(std::uint64_t)));
  list = static_cast<node*>(calloc(nodes, sizeof(node)));
  for (std::size_t i = 0; i < nodes; ++i) list[i] = {.next = &list[(i + 1'237) % nodes], .value = i};
  spread = static_cast<std::uint64_t*>(calloc(pages * page_words, sizeof(std::uint64_t)));
}

// The loop inside one execution. Some blocks are freed before, so that the shadow has something to say.
void inside(loop run, std::uint64_t times) {
  static sim::machine on({.races = compared_for_races, .stuck_after = std::chrono::seconds{0}});
  only_source source;
  on.run(source, [&] {
    make_memory();
    std::vector<void*> freed;
    for (int i = 0; i < 100; ++i) freed.push_back(malloc(100));
    for (void* one : freed) free(one);
    run(times);
    free(array);
    free(list);
    free(spread);
  });
}

template <loop Run>
void in_an_execution(std::uint64_t times) {
  inside(Run, times);
}

struct line {
  const char* name;
  loop plain;
  loop seen;
  loop in_execution;
  double accesses;  // of an iteration
};

void run(unsigned rounds) {
  make_memory();
  const std::array<line, 4> lines{line{"array", &plain_array, &seen_array, &in_an_execution<&seen_array>, 1},
                                  line{"list", &plain_list, &seen_list, &in_an_execution<&seen_list>, 2},
                                  line{"spread", &plain_spread, &seen_spread, &in_an_execution<&seen_spread>, 2},
                                  line{"blocks", &plain_blocks, &seen_blocks, &in_an_execution<&seen_blocks>, 1}};
  fmt::print("ns for one iteration\n{:<10}{:>10}{:>12}{:>14}{:>22}\n", "", "plain", "outside", "inside",
             "per access inside");
  for (const line& one : lines) {
    std::uint64_t* const host_array = array;
    node* const host_list = list;
    std::uint64_t* const host_spread = spread;
    std::vector<program> programs;
    programs.push_back({"plain", one.plain});
    programs.push_back({"outside", one.seen});
    measure(programs, rounds, std::chrono::milliseconds{50});
    std::vector<program> checked;
    checked.push_back({"inside", one.in_execution});
    measure(checked, rounds, std::chrono::milliseconds{50});
    array = host_array;
    list = host_list;
    spread = host_spread;
    const double plain = programs[0].median();
    const double within = checked[0].median();
    fmt::print("{:<10}{:>10.2f}{:>12.2f}{:>14.2f}{:>22.2f}\n", one.name, plain, programs[1].median(), within,
               (within - plain) / one.accesses);
  }
}

}  // namespace
}  // namespace heddle::bench

int main(int argc, char** argv) {
  const long rounds = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 7;
  heddle::bench::compared_for_races = argc == 3 && std::string_view(argv[2]) == "races";
  if (rounds < 1 || argc > 3 || (argc == 3 && !heddle::bench::compared_for_races)) {
    fmt::print(stderr, "usage: memory [rounds] [races]\n");
    return 2;
  }
  heddle::bench::run(static_cast<unsigned>(rounds));
}
