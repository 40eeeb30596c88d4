// Programs that the rules of send let through. Each has a twin in rejected/tasks.cpp. Compiling this file is the test.
#include "heddle/runtime.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using heddle::dyn_task;
using heddle::local_task;
using heddle::task;

struct point {
  int x;
  int y;
};
struct session {
  std::string name;
  std::vector<point> points;
  task<std::size_t> size() { co_return points.size(); }
  task<std::string> first() const { co_return name; }
};
template <class T>
class thread_only {
 public:
  using declare_send = heddle::declared_false<thread_only>;
  ~thread_only() {}
};

// Parameters: values, and what is borrowed by a task that is awaited where it is made.
task<> by_value(session) {
  co_return;
}
task<> by_reference(const std::string&, std::vector<int>&) {
  co_return;
}
task<> by_rvalue_reference(std::unique_ptr<int>&&) {
  co_return;
}
task<> by_view(std::string_view, std::span<const int>) {
  co_return;
}
task<> by_mutex(std::mutex&, const std::atomic<int>&) {
  co_return;
}
task<> assumed(heddle::assume_send<int*>) {
  co_return;
}
template <class T>
task<T> generic(T value) {
  co_return value;
}
task<> awaits_where_it_is_made() {
  std::string text = "x";
  std::vector<int> numbers;
  co_await by_reference(text, numbers);
  co_await by_view(text, numbers);
  session own;
  co_await own.size();
  co_await own.first();
  co_await generic(std::string("x"));
  int number = 1;
  auto lambda = [number]() -> task<int> { co_return number; };
  co_await lambda();
  auto with_string = [text]() -> task<std::string> { co_return text; };
  co_await with_string();
}

// Operands.
struct own_future {
  int polls;
  heddle::poll_result<> poll(heddle::context&) { return heddle::ready; }
};
task<> awaits(heddle::join_handle<int> handle, heddle::oneshot::receiver<std::string> receiver) {
  co_await own_future{1};
  co_await handle;
  co_await receiver;
  co_await heddle::sleep(std::chrono::seconds(1));
  auto both = heddle::join(own_future{1}, heddle::yield_now());
  co_await both;
}

// What runs on its own.
task<int> count(std::string text, const std::string& same) {
  co_return static_cast<int>(text.size() + same.size());
}
task<> spawns() {
  heddle::spawn(by_value(session{})).detach();
  heddle::spawn(count, std::string("x"), std::string("y")).detach();
  heddle::spawn([](std::shared_ptr<session> shared) { return shared->size(); }, std::make_shared<session>()).detach();
  heddle::spawn(&session::size, session{}).detach();
  heddle::spawn_blocking([](std::string name) { return name.size(); }, std::string("x")).detach();
  int number = 1;
  heddle::spawn_blocking([number] { return number; }).detach();
  std::string text = "x";
  auto shared = std::make_shared<session>();
  heddle::spawn([text]() -> task<std::string> { co_return text; }).detach();
  heddle::spawn([shared, text](std::string more) { return count(text, std::move(more)); }, text).detach();
  heddle::spawn_blocking([shared, rows = std::vector<std::string>()] {
    return shared->points.size() + rows.size();
  }).detach();
  heddle::spawn(assumed, heddle::assume_send<int*>(nullptr, "nobody uses it")).detach();
  heddle::join_set<int> set;
  set.spawn(count, std::string("x"), std::string("y"));
  co_return;
}

// Channels, locks and values of tasks.
heddle::task_local<std::string> name;
struct table {
  std::vector<std::string> rows;
};
task<> shares() {
  auto bounded = heddle::mpsc::channel<std::unique_ptr<session>>(3);
  auto unbounded = heddle::mpsc::unbounded<std::string>();
  auto once = heddle::oneshot::channel<std::vector<int>>();
  auto all = heddle::broadcast::channel<std::shared_ptr<const session>>(3);
  auto latest = heddle::watch::channel<table>(table{});
  heddle::sync::mutex<table> locked;
  heddle::sync::rw_lock<table> readable;
  heddle::sync::once_cell<std::string> cell;
  static_cast<void>(cell.set("x"));
  std::size_t rows = 0;
  co_await locked.with([&rows](table& all_rows) { rows = all_rows.rows.size(); });
  auto named = name.scope("x", heddle::yield_now());
  co_await named;
}

// Types of heddle, by what they carry.
using heddle::send;
static_assert(send<task<int>> && send<dyn_task<>> && !send<local_task<>>);
static_assert(send<heddle::join_handle<std::string>> && send<heddle::abort_handle> && send<heddle::join_set<>>);
static_assert(send<heddle::cancellation_token> && send<decltype(heddle::cancellation_token().cancelled())>);
static_assert(send<heddle::handle> && send<heddle::runtime> && send<heddle::runtime_metrics> && send<heddle::waker>);
static_assert(send<heddle::task_tracker> && send<heddle::tracker_token> && send<heddle::tracker_wait_future>);
static_assert(send<heddle::sleep_future> && send<heddle::interval_timer> && send<heddle::yield_future>);
static_assert(send<heddle::join_error> && send<heddle::task_id> && send<heddle::elapsed>);
static_assert(send<heddle::mpsc::sender<int>> && send<heddle::mpsc::receiver<int>> && send<heddle::mpsc::permit<int>>);
static_assert(send<decltype(std::declval<heddle::mpsc::sender<int>&>().send(1))>);
static_assert(send<decltype(std::declval<heddle::mpsc::sender<int>&>().reserve())>);
static_assert(send<decltype(std::declval<heddle::mpsc::receiver<int>&>().recv())>);
static_assert(send<decltype(std::declval<heddle::mpsc::sender<int>&>().try_send(1))>);
static_assert(send<heddle::mpsc::unbounded_sender<int>> && send<heddle::mpsc::unbounded_receiver<int>>);
static_assert(send<decltype(std::declval<heddle::mpsc::sender<int>&>().closed())>);
static_assert(send<heddle::oneshot::sender<int>> &&
              send<decltype(std::declval<heddle::oneshot::sender<int>&>().closed())>);
static_assert(send<heddle::broadcast::sender<int>> && send<heddle::broadcast::receiver<int>>);
static_assert(send<decltype(std::declval<heddle::broadcast::receiver<int>&>().recv())>);
static_assert(send<heddle::broadcast::recv_error> && send<heddle::broadcast::try_recv_error>);
static_assert(send<heddle::watch::sender<int>> && send<heddle::watch::receiver<int>>);
static_assert(send<decltype(std::declval<heddle::watch::receiver<int>&>().changed())>);
static_assert(send<decltype(std::declval<heddle::watch::sender<int>&>().closed())>);
static_assert(send<heddle::sync::mutex_guard<int>> && send<decltype(std::declval<heddle::sync::mutex<>&>().lock())>);
static_assert(send<decltype(std::declval<heddle::sync::rw_lock<int>&>().read())>);
static_assert(send<decltype(std::declval<heddle::sync::rw_lock<int>&>().write())>);
static_assert(send<decltype(std::declval<heddle::sync::semaphore&>().acquire())>);
static_assert(send<heddle::sync::owned_semaphore_permit> && send<heddle::sync::semaphore_permit>);
static_assert(send<decltype(std::declval<heddle::sync::notify&>().notified())>);
static_assert(send<decltype(std::declval<heddle::sync::barrier&>().wait())>);
static_assert(heddle::sync::sync<heddle::sync::mutex<std::string>> && heddle::sync::sync<heddle::sync::notify>);
static_assert(!send<heddle::join_handle<int*>> && !send<heddle::mpsc::sender<int*>> &&
              !send<heddle::sync::mutex<int*>>);
static_assert(!send<heddle::thread_bound<int>> && !heddle::sync::sync<heddle::thread_bound<int>>);
static_assert(!send<heddle::timeout_future<local_task<>>> && send<heddle::timeout_future<own_future&>>);
using bound_branch = decltype(heddle::select(std::declval<task<>>(), std::declval<local_task<>>()));
using free_branches = decltype(heddle::select(std::declval<task<>>(), std::declval<own_future&>()));
static_assert(!send<bound_branch> && send<free_branches>);
static_assert(!send<heddle::task_local_future<int, local_task<>>> && !send<heddle::task_local_future<int*, task<>>> &&
              send<heddle::task_local_future<int, task<>>>);

// An interface with asynchronous members.
struct store {
  using declare_send = heddle::declared_true<store, "every store owns what it holds">;
  virtual ~store() = default;
  virtual dyn_task<std::string> read(std::string key) = 0;
};
struct memory_store final : store {
  using declare_send = heddle::declared_true<memory_store, "it holds strings">;
  dyn_task<std::string> read(std::string key) override { co_return key; }
};

// Lambdas in templates.
template <class T>
task<T> in_function_template(T given) {
  const auto without_captures = [](T value) -> task<T> { co_return value; };
  const auto generic = [](auto value) -> task<T> { co_return value; };
  heddle::spawn([]() -> task<> { co_return; }).detach();
  heddle::spawn([](T) -> task<> { co_return; }, given).detach();
  co_return co_await generic(co_await without_captures(given));
}
template <class T>
struct class_template {
  task<T> member(T given) {
    co_return co_await [](T value) -> task<T> { co_return value; }(given);
  }
};

// What stays on its thread is free.
local_task<> free_zone(thread_only<int>, int*, std::string_view) {
  co_return;
}
local_task<> free_lock() {
  std::mutex lock;
  const std::unique_lock guard(lock);
  co_await own_future{1};
}

}  // namespace

// Referred to, so that everything above is used.
task<> use_all() {
  heddle::spawn_local(free_zone({}, nullptr, "")).detach();
  heddle::spawn_local(free_lock()).detach();
  co_await awaits_where_it_is_made();
  co_await awaits({}, heddle::oneshot::channel<std::string>().second);
  co_await spawns();
  co_await shares();
  co_await by_rvalue_reference(nullptr);
  std::mutex lock;
  co_await by_mutex(lock, std::atomic<int>(1));
  memory_store stored;
  co_await stored.read("key");
  class_template<int> templated;
  co_await templated.member(co_await in_function_template(1));
}
