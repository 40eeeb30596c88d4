// What the runtime costs, as it is shipped: the programs by which async runtimes are compared.
//
//   spawn_join     spawn a million empty tasks, then await all handles                        ns per task
//   spawn_await    spawn and await one at a time, a million times                             ns per task
//   yield          two tasks, a million yields each                                           ns per yield
//   fib            fib(27), every call two spawned tasks                                      ns per task
//   skynet         a tree of ten children per node down to 100,000 leaves, summed             ns per leaf
//   pingpong       two tasks over two channels of capacity 1, 200,000 round trips             ns per round trip
//   mpsc           one sender, one receiver, capacity 1024, a million values                  ns per value
//   mpsc_four      four senders, a quarter each                                               ns per value
//   mpsc_unbounded one sender, one receiver, no capacity, a million values                    ns per value
//   mutex          two tasks, a million locks each, of one async mutex                        ns per lock
//   mutex_eight    eight tasks, 100,000 locks each                                            ns per lock
//   mutex_yield    two tasks, 200,000 locks each, held across a yield                         ns per lock
//   timers         100,000 sleeps of up to 100 ms, started and awaited                        ms
//   timer_cancel   a million sleeps of an hour, polled once and dropped                       ns per sleep
//   blocking       spawn_blocking and its await, 20,000 times                                 ns per call
//   parked         200,000 tasks that wait for ever                                           bytes per task
//   parked_sleep   the same, each in a sleep of an hour                                       bytes per task
//   parked_oneshot the same, each for a oneshot channel of its own, which is counted          bytes per task
//   parked_mpsc    the same, each for a channel of capacity 16                                bytes per task
//   allocations    of the global operator new, for a task spawned when another has ended      per task
//
//     bench_runtime [WORKERS] [ROUNDS] [NAME...]      WORKERS 0: a current-thread runtime; by default 2, 3 and all
//
// The work is itself a spawned task. Shown are the least and the median over the rounds, in which the programs take
// turns, of the time that passed and of the processor time of all threads.
#include <heddle/runtime.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <malloc.h>
#include <sys/resource.h>

namespace {

// Set before there are threads. Who does not ask for the number does not pay for it.
bool counts_allocations = false;
// Relaxed: read when nothing runs.
std::atomic<std::uint64_t> allocations{0};

}  // namespace

// Not inline: g++ would then find that what new returned is freed by free.
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (counts_allocations) allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* const block = std::malloc(size)) return block;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* block) noexcept {
  std::free(block);
}
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept {
  std::free(block);
}

namespace {

using namespace std::chrono_literals;
using heddle::join_handle;
using heddle::runtime;
using heddle::spawn;
using heddle::task;

task<> empty() {
  co_return;
}

task<> spawn_join() {
  std::vector<join_handle<void>> handles;
  handles.reserve(1'000'000);
  for (int i = 0; i < 1'000'000; ++i) handles.push_back(spawn(empty()));
  for (join_handle<void>& each : handles) static_cast<void>(co_await each);
}

task<> spawn_await() {
  for (int i = 0; i < 1'000'000; ++i) {
    join_handle<void> handle = spawn(empty());
    static_cast<void>(co_await handle);
  }
}

task<> yields() {
  for (int i = 0; i < 1'000'000; ++i) co_await heddle::yield_now();
}

task<> yield() {
  join_handle<void> first = spawn(yields());
  join_handle<void> second = spawn(yields());
  static_cast<void>(co_await first);
  static_cast<void>(co_await second);
}

task<std::uint64_t> fib_of(unsigned n) {
  if (n < 2) co_return n;
  join_handle<std::uint64_t> left = spawn(fib_of(n - 1));
  join_handle<std::uint64_t> right = spawn(fib_of(n - 2));
  const std::uint64_t sum = (co_await left).value();
  co_return sum + (co_await right).value();
}

task<> fib() {
  const std::uint64_t sum = co_await fib_of(27);
  if (sum != 196'418) std::abort();
}

task<std::uint64_t> skynet_node(std::uint64_t first, std::uint64_t leaves) {
  if (leaves == 1) co_return first;
  std::vector<join_handle<std::uint64_t>> children;
  children.reserve(10);
  for (std::uint64_t i = 0; i < 10; ++i) {
    children.push_back(spawn(skynet_node(first + i * (leaves / 10), leaves / 10)));
  }
  std::uint64_t sum = 0;
  for (join_handle<std::uint64_t>& each : children) sum += (co_await each).value();
  co_return sum;
}

task<> skynet() {
  const std::uint64_t sum = co_await skynet_node(0, 100'000);
  if (sum != 4'999'950'000) std::abort();
}

using sender = heddle::mpsc::sender<std::uint64_t>;
using receiver = heddle::mpsc::receiver<std::uint64_t>;

task<> all(std::vector<join_handle<void>> handles) {
  for (join_handle<void>& each : handles) static_cast<void>(co_await each);
}

task<> ping(sender there, receiver back) {
  for (std::uint64_t i = 0; i < 200'000; ++i) {
    static_cast<void>(co_await there.send(i));
    static_cast<void>(co_await back.recv());
  }
}

task<> pong(receiver there, sender back) {
  while (const std::optional<std::uint64_t> value = co_await there.recv()) {
    static_cast<void>(co_await back.send(*value));
  }
}

task<> pingpong() {
  auto [there, arrives] = heddle::mpsc::channel<std::uint64_t>(1);
  auto [back, returns] = heddle::mpsc::channel<std::uint64_t>(1);
  std::vector<join_handle<void>> both;
  both.push_back(spawn(ping(std::move(there), std::move(returns))));
  both.push_back(spawn(pong(std::move(arrives), std::move(back))));
  co_await all(std::move(both));
}

task<> sends(sender to, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) static_cast<void>(co_await to.send(i));
}

task<> sends_unbounded(heddle::mpsc::unbounded_sender<std::uint64_t> to, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) static_cast<void>(to.send(i));
  co_return;
}

template <class Receiver>
task<> receives(Receiver from, std::uint64_t expected) {
  std::uint64_t count = 0;
  for (;;) {
    const std::optional<std::uint64_t> value = co_await from.recv();
    if (!value.has_value()) break;
    ++count;
  }
  if (count != expected) std::abort();
}

task<> mpsc_of(std::uint64_t senders) {
  auto [to, from] = heddle::mpsc::channel<std::uint64_t>(1024);
  std::vector<join_handle<void>> handles;
  for (std::uint64_t i = 0; i < senders; ++i) handles.push_back(spawn(sends(to, 1'000'000 / senders)));
  {
    const sender last = std::move(to);
  }
  handles.push_back(spawn(receives(std::move(from), 1'000'000)));
  co_await all(std::move(handles));
}

task<> mpsc() {
  return mpsc_of(1);
}

task<> mpsc_four() {
  return mpsc_of(4);
}

task<> mpsc_unbounded() {
  auto [to, from] = heddle::mpsc::unbounded<std::uint64_t>();
  std::vector<join_handle<void>> handles;
  handles.push_back(spawn(sends_unbounded(std::move(to), 1'000'000)));
  handles.push_back(spawn(receives(std::move(from), 1'000'000)));
  co_await all(std::move(handles));
}

task<> locks(heddle::sync::mutex<std::uint64_t>& shared, int count) {
  for (int i = 0; i < count; ++i) {
    auto guard = co_await shared.lock();
    ++*guard;
  }
}

task<> locks_and_yields(heddle::sync::mutex<std::uint64_t>& shared, int count) {
  for (int i = 0; i < count; ++i) {
    auto guard = co_await shared.lock();
    ++*guard;
    co_await heddle::yield_now();
  }
}

task<> mutex_of(task<> (*body)(heddle::sync::mutex<std::uint64_t>&, int), int tasks, int count) {
  heddle::sync::mutex<std::uint64_t> shared(std::uint64_t{0});
  std::vector<join_handle<void>> handles;
  for (int i = 0; i < tasks; ++i) handles.push_back(spawn(body(shared, count)));
  co_await all(std::move(handles));
}

task<> mutex() {
  return mutex_of(&locks, 2, 1'000'000);
}

task<> mutex_eight() {
  return mutex_of(&locks, 8, 100'000);
}

task<> mutex_yield() {
  return mutex_of(&locks_and_yields, 2, 200'000);
}

task<> nap(int milliseconds) {
  co_await heddle::sleep(std::chrono::milliseconds(milliseconds));
}

task<> timers() {
  std::vector<join_handle<void>> handles;
  handles.reserve(100'000);
  for (int i = 0; i < 100'000; ++i) handles.push_back(spawn(nap(1 + i % 100)));
  for (join_handle<void>& each : handles) static_cast<void>(co_await each);
}

// Polls a sleep once, and drops it.
class armed_once {
 public:
  heddle::poll_result<> poll(heddle::context& cx) {
    heddle::sleep_future hour = heddle::sleep(1h);
    if (hour.poll(cx).is_ready()) std::abort();
    return heddle::ready;
  }
};

task<> timer_cancel() {
  for (int i = 0; i < 1'000'000; ++i) {
    armed_once once;
    co_await once;
  }
}

task<> blocking() {
  for (int i = 0; i < 20'000; ++i) {
    join_handle<void> call = heddle::spawn_blocking([] {});
    static_cast<void>(co_await call);
  }
}

struct program {
  const char* name;
  task<> (*body)();
  double units;
  const char* unit;
};

constexpr program programs[] = {
    {"spawn_join", &spawn_join, 1e6, "ns"},
    {"spawn_await", &spawn_await, 1e6, "ns"},
    {"yield", &yield, 2e6, "ns"},
    {"fib", &fib, 832'039, "ns"},
    {"skynet", &skynet, 1e5, "ns"},
    {"pingpong", &pingpong, 2e5, "ns"},
    {"mpsc", &mpsc, 1e6, "ns"},
    {"mpsc_four", &mpsc_four, 1e6, "ns"},
    {"mpsc_unbounded", &mpsc_unbounded, 1e6, "ns"},
    {"mutex", &mutex, 2e6, "ns"},
    {"mutex_eight", &mutex_eight, 8e5, "ns"},
    {"mutex_yield", &mutex_yield, 4e5, "ns"},
    {"timers", &timers, 1e6, "ms"},
    {"timer_cancel", &timer_cancel, 1e6, "ns"},
    {"blocking", &blocking, 2e4, "ns"},
};

// Times of one unit of work, an entry a round.
struct series {
  const program* one;
  std::vector<double> wall = {};
  std::vector<double> processor = {};
};

runtime make(std::size_t workers) {
  if (workers == 0) return runtime::builder().current_thread().build();
  return runtime::builder().worker_threads(workers).build();
}

task<> joined(join_handle<void> work) {
  static_cast<void>(co_await work);
}

// Of all threads, in nanoseconds.
double processor_time() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_usec) * 1e3;
  };
  return of(used.ru_utime) + of(used.ru_stime);
}

void measure(series& into, std::size_t workers) {
  runtime rt = make(workers);
  const double used_before = processor_time();
  const auto before = std::chrono::steady_clock::now();
  rt.block_on(joined(rt.spawn(into.one->body())));
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - before;
  into.wall.push_back(took.count() / into.one->units);
  into.processor.push_back((processor_time() - used_before) / into.one->units);
}

class never {
 public:
  heddle::poll_result<> poll(heddle::context&) { return heddle::pending; }
};

task<> waits_for_ever(std::atomic<int>& started) {
  never end;
  started.fetch_add(1);
  co_await end;
}

task<> sleeps(std::atomic<int>& started) {
  started.fetch_add(1);
  co_await heddle::sleep(1h);
}

task<> waits_for(std::atomic<int>& started, heddle::oneshot::receiver<std::uint64_t> answer) {
  started.fetch_add(1);
  static_cast<void>(co_await answer);
}

task<> waits_for_message(std::atomic<int>& started, receiver from) {
  started.fetch_add(1);
  static_cast<void>(co_await from.recv());
}

task<> until(const std::atomic<int>& value, int goal) {
  while (value.load() != goal) co_await heddle::yield_now();
}

constexpr int parked_count = 200'000;

// What `parked_count` calls of `spawn_one` leave allocated, for each.
template <class SpawnOne>
double parked_bytes(std::size_t workers, SpawnOne spawn_one) {
  runtime rt = make(workers);
  std::atomic<int> started = 0;
  const std::size_t before = ::mallinfo2().uordblks;
  for (int i = 0; i < parked_count; ++i) spawn_one(rt, started);
  rt.block_on(until(started, parked_count));
  return static_cast<double>(::mallinfo2().uordblks - before) / parked_count;
}

// The same, of tasks that wait for a channel, whose other ends are kept.
template <class Sender, class Body, class Make>
double parked_bytes_of(std::size_t workers, Body body, Make make_channel) {
  std::vector<Sender> ends;
  ends.reserve(parked_count);
  return parked_bytes(workers, [&](const runtime& rt, std::atomic<int>& started) {
    auto [to, from] = make_channel();
    ends.push_back(std::move(to));
    rt.spawn(body(started, std::move(from))).detach();
  });
}

void print_parked(std::size_t workers, const char* name) {
  const std::string wanted = name;
  double bytes = 0;
  if (wanted == "parked_oneshot") {
    bytes = parked_bytes_of<heddle::oneshot::sender<std::uint64_t>>(
        workers, &waits_for, [] { return heddle::oneshot::channel<std::uint64_t>(); });
  } else if (wanted == "parked_mpsc") {
    bytes =
        parked_bytes_of<sender>(workers, &waits_for_message, [] { return heddle::mpsc::channel<std::uint64_t>(16); });
  } else {
    auto* const body = wanted == "parked" ? &waits_for_ever : &sleeps;
    bytes = parked_bytes(workers,
                         [body](const runtime& rt, std::atomic<int>& started) { rt.spawn(body(started)).detach(); });
  }
  std::printf("%-15s %10.1f bytes\n", name, bytes);
}

double allocations_of_a_task(std::size_t workers) {
  constexpr int count = 1000;
  runtime rt = make(workers);
  const std::uint64_t before = allocations.load();
  const auto body = []() -> task<> {
    for (int i = 0; i < count; ++i) {
      join_handle<void> handle = spawn(empty());
      static_cast<void>(co_await handle);
    }
  };
  rt.block_on(body());
  return static_cast<double>(allocations.load() - before) / count;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t workers = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 2;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 3;
  const auto is_wanted = [argc, argv](const char* name) {
    return argc <= 3 || std::find(argv + 3, argv + argc, std::string(name)) != argv + argc;
  };
  std::vector<series> results;
  for (const program& one : programs) {
    if (is_wanted(one.name)) results.push_back({.one = &one});
  }
  for (int round = 0; round < rounds; ++round) {
    for (series& each : results) measure(each, workers);
  }
  for (series& each : results) {
    std::sort(each.wall.begin(), each.wall.end());
    std::sort(each.processor.begin(), each.processor.end());
    std::printf("%-15s wall %9.1f %9.1f cpu %9.1f %9.1f %s\n", each.one->name, each.wall.front(),
                each.wall[each.wall.size() / 2], each.processor.front(), each.processor[each.processor.size() / 2],
                each.one->unit);
  }
  for (const char* name : {"parked", "parked_sleep", "parked_oneshot", "parked_mpsc"}) {
    if (is_wanted(name)) print_parked(workers, name);
  }
  counts_allocations = true;
  if (is_wanted("allocations")) std::printf("%-15s %10.2f\n", "allocations", allocations_of_a_task(workers));
}
