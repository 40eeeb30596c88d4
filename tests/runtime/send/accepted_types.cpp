// Types that are send, each by the rule that stands above it. Compiling this file is the test.
#include "heddle/runtime/send.hpp"

#include <array>
#include <atomic>
#include <bitset>
#include <chrono>
#include <complex>
#include <condition_variable>
#include <deque>
#include <exception>
#include <filesystem>
#include <forward_list>
#include <functional>
#include <future>
#include <latch>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <queue>
#include <random>
#include <semaphore>
#include <set>
#include <shared_mutex>
#include <stack>
#include <string>
#include <system_error>
#include <thread>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

namespace {

using heddle::send;

// Scalars, code, and names of members.
enum class color { red, green };
struct with_member {
  int value;
  int get() const { return value; }
};
static_assert(send<int>);
static_assert(send<const double>);
static_assert(send<bool>);
static_assert(send<color>);
static_assert(send<std::nullptr_t>);
static_assert(send<void (*)(int*)>);
static_assert(send<int with_member::*>);
static_assert(send<int (with_member::*)() const>);
static_assert(send<int[4]>);
static_assert(send<std::byte>);

// Aggregates, field by field.
struct empty {};
struct point {
  int x;
  int y;
};
struct record {
  std::string name;
  std::vector<point> points;
  std::optional<std::unique_ptr<record>> parent;
};
struct with_arrays {
  char letters[64];
  int grid[2][3];
  std::string names[2];
  std::array<double, 3> weights;
};
struct with_bit_fields {
  unsigned kind : 3;
  unsigned size : 20;
};
struct immovable {
  std::mutex lock;
  std::atomic<int> count;
  std::condition_variable changed;
};
struct with_constants {
  const int number;
  const std::string text;
};
struct large {
  char buffer[4096];
  int used;
};
struct with_base : point {
  int z;
};
template <class T>
struct box {
  T value;
};
static_assert(send<empty>);
static_assert(send<point>);
static_assert(send<record>);
static_assert(send<with_arrays>);
static_assert(send<with_bit_fields>);
static_assert(send<immovable>);
static_assert(send<with_constants>);
static_assert(send<large>);      // by its bytes
static_assert(send<with_base>);  // by its bytes
static_assert(send<box<box<std::string>>>);

// Recursive ones, when what they lead to holds.
struct list_node {
  int value;
  std::unique_ptr<list_node> next;
};
struct tree_node {
  std::vector<tree_node> children;
  std::map<std::string, tree_node> named;
};
struct ping;
struct pong {
  std::vector<ping> others;
};
struct ping {
  std::vector<pong> others;
};
static_assert(send<list_node>);
static_assert(send<tree_node>);
static_assert(send<ping> && send<pong>);

// Containers and their adaptors.
static_assert(send<std::string>);
static_assert(send<std::u16string>);
static_assert(send<std::vector<int>>);
static_assert(send<std::vector<std::vector<std::string>>>);
static_assert(send<std::deque<std::string>>);
static_assert(send<std::list<int>>);
static_assert(send<std::forward_list<int>>);
static_assert(send<std::map<std::string, std::vector<int>>>);
static_assert(send<std::unordered_map<std::string, int>>);
static_assert(send<std::set<std::string>>);
static_assert(send<std::unordered_set<int>>);
static_assert(send<std::queue<std::string>>);
static_assert(send<std::priority_queue<int>>);
static_assert(send<std::stack<int>>);

// Pairs, tuples, optionals, variants, results.
static_assert(send<std::pair<int, std::string>>);
static_assert(send<std::tuple<>>);
static_assert(send<std::tuple<int, std::string, std::vector<int>>>);
static_assert(send<std::optional<std::string>>);
static_assert(send<std::variant<std::monostate, int, std::string>>);
static_assert(send<std::array<std::string, 2>>);
static_assert(send<tl::expected<std::string, int>>);
static_assert(send<tl::expected<void, std::string>>);

// Smart pointers.
struct custom_deleter {
  void operator()(int* target) const { delete target; }
};
static_assert(send<std::unique_ptr<std::string>>);
static_assert(send<std::unique_ptr<int[]>>);
static_assert(send<std::unique_ptr<int, custom_deleter>>);
static_assert(send<std::unique_ptr<int, void (*)(int*)>>);
static_assert(send<std::shared_ptr<std::string>>);
static_assert(send<std::shared_ptr<const point>>);
static_assert(send<std::shared_ptr<immovable>>);
static_assert(send<std::weak_ptr<std::string>>);
static_assert(send<std::shared_ptr<int[]>>);

// What is made for several threads.
static_assert(send<std::mutex> && heddle::sync::sync<std::mutex>);
static_assert(heddle::sync::sync<std::recursive_timed_mutex>);
static_assert(heddle::sync::sync<std::shared_mutex>);
static_assert(heddle::sync::sync<std::atomic<long>>);
static_assert(heddle::sync::sync<std::atomic<point*>>);
static_assert(heddle::sync::sync<std::atomic_flag>);
static_assert(heddle::sync::sync<std::once_flag>);
static_assert(heddle::sync::sync<std::counting_semaphore<3>>);
static_assert(heddle::sync::sync<std::latch>);
static_assert(send<std::thread>);
static_assert(send<std::jthread>);
static_assert(send<std::future<std::string>>);
static_assert(send<std::shared_future<int>>);
static_assert(send<std::promise<int>>);
static_assert(send<std::future<void>>);

// Others of the standard library.
static_assert(send<std::thread::id>);
static_assert(send<std::chrono::milliseconds>);
static_assert(send<std::chrono::system_clock::time_point>);
static_assert(send<std::chrono::year_month_day>);
static_assert(send<std::filesystem::path>);
static_assert(send<std::filesystem::file_time_type>);
static_assert(send<std::error_code>);
static_assert(send<std::exception_ptr>);
static_assert(send<std::bitset<70>>);
static_assert(send<std::complex<double>>);
static_assert(send<std::mt19937>);
static_assert(send<std::uniform_int_distribution<int>>);
static_assert(send<std::less<>>);
static_assert(send<std::allocator<int>>);

// Closures whose captures can be seen: those without a pointer, a reference or a destructor.
constexpr auto captures_nothing = [](int value) { return value; };
[[maybe_unused]] auto make_closures() {
  int number = 1;
  point where{1, 2};
  auto generic = [number](auto value) { return value + number; };
  auto by_value = [number, where] { return number + where.x; };
  auto renamed = [count = number + 1]() mutable { return ++count; };
  auto nested = [by_value, renamed]() mutable { return by_value() + renamed(); };
  static_assert(send<decltype(generic)>);
  static_assert(send<decltype(by_value)>);
  static_assert(send<decltype(renamed)>);
  static_assert(send<decltype(nested)>);
  return nested;
}
static_assert(send<decltype(captures_nothing)>);

// Closures with captures that C++ does not show: what they captured is theirs, and taken to be send.
[[maybe_unused]] auto make_opaque_closures(std::vector<std::string> rows, std::unique_ptr<int> own) {
  std::string text = "x";
  auto shared = std::make_shared<int>(1);
  auto one_string = [text] { return text; };
  auto changes = [text]() mutable { text += 'x'; };
  auto one_shared_pointer = [shared](auto more) { return *shared + more; };
  auto moved = [rows = std::move(rows), own = std::move(own)](const std::vector<int>&, int (*)(int)) noexcept {
    return rows.size() + static_cast<std::size_t>(*own);
  };
  auto nested = [one_string, moved = std::move(moved)] { return one_string().size(); };
  static_assert(send<decltype(one_string)>);
  static_assert(send<decltype(changes)>);
  static_assert(send<decltype(one_shared_pointer)>);
  static_assert(send<decltype(moved)>);
  static_assert(send<decltype(nested)>);
  static_assert(send<std::optional<decltype(one_string)>>);
  return nested;
}
template <class T>
auto make_closure_in_template(T value) {
  return [value] { return value; };
}
static_assert(send<decltype(make_closure_in_template(std::string()))>);
static_assert(send<decltype(make_closure_in_template(1))>);

// Classes with private members that are trivially copyable and have a constexpr constructor.
class identifier {
 public:
  constexpr explicit identifier(int value) : value_(value) {}
  int value() const { return value_; }

 private:
  int value_;
};
class money {
 public:
  constexpr money(long units, int cents) : units_(units), cents_(cents) {}

 private:
  [[maybe_unused]] long units_;
  [[maybe_unused]] int cents_;
};
static_assert(send<identifier>);
static_assert(send<money>);
static_assert(send<box<identifier>>);

// References: to what several may read, or to what one may change.
static_assert(send<const std::string&>);
static_assert(send<std::string&>);
static_assert(send<std::mutex&>);
static_assert(send<std::vector<int>&&>);

// Declared in the class.
class session {
 public:
  using declare_send = heddle::declared_true<session, "the handle is used by one task at a time">;
  explicit session(int* handle) : handle_(handle) {}
  ~session() { *handle_ = 0; }
  session(const session&) = delete;
  session& operator=(const session&) = delete;

 private:
  int* handle_;
};
template <class T>
class cell {
 public:
  using declare_send = heddle::declared_if<cell, send<T>>;
  using declare_sync = heddle::declared_false<cell>;
  ~cell() {}

 private:
  T* content_ = nullptr;
};
static_assert(send<session> && heddle::sync::sync<session>);
static_assert(send<std::unique_ptr<session>>);
static_assert(send<std::shared_ptr<session>>);
static_assert(send<cell<int>>);

// Polymorphic, and declared.
struct shape {
  using declare_send = heddle::declared_true<shape, "all shapes own what they hold">;
  virtual ~shape() = default;
};
static_assert(send<std::unique_ptr<shape>>);

// Assumed where it is used.
static_assert(send<heddle::assume_send<int*>>);
static_assert(send<decltype(heddle::assume_send(std::function<void()>(), "captures nothing"))>);

}  // namespace

// Declared outside of the type.
namespace third_party {
class connection {
 public:
  ~connection() {}

 private:
  [[maybe_unused]] int* socket_ = nullptr;
};
struct opaque;
template <class T>
class pool {
 public:
  ~pool() {}

 private:
  T* first_ = nullptr;
};
}  // namespace third_party
HEDDLE_DECLARE_SEND(third_party::connection, true);
HEDDLE_DECLARE_SEND(third_party::opaque, true, "the library locks it");
HEDDLE_DECLARE_SEND(third_party::opaque*, true, "a handle, which the library counts");
template <class T>
struct heddle::declare_send<third_party::pool<T>> : std::bool_constant<heddle::send<T>> {};

namespace {
static_assert(send<third_party::connection>);
static_assert(send<std::vector<third_party::connection>>);
static_assert(send<std::unique_ptr<third_party::opaque>>);
static_assert(send<third_party::opaque*>);
static_assert(send<third_party::pool<std::string>>);

template <heddle::send T>
constexpr bool constrained() {
  return true;
}
static_assert(constrained<std::string>());
}  // namespace
