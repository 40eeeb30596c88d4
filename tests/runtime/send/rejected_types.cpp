// Types that are not send, each with the way to what breaks the rule. Compiling this file is the test.
#include "heddle/runtime/send.hpp"

#include <any>
#include <atomic>
#include <coroutine>
#include <fstream>
#include <functional>
#include <future>
#include <initializer_list>
#include <list>
#include <map>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <optional>
#include <queue>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

namespace {

using heddle::send;
using heddle::detail::broken;
using heddle::detail::question;
using heddle::detail::verdict;
namespace why = heddle::why;

// What the verdict says, in the order of reading.
template <class... StepsAndReason>
struct path {};
template <class Reason, class... Steps>
path<Steps..., Reason> path_of(broken<Reason, Steps...>);

template <class T, class... StepsAndReason>
inline constexpr bool rejected =
    std::is_same_v<decltype(path_of(verdict<question::send, T>())), path<StepsAndReason...>>;

// Raw pointers, wherever they are.
struct with_pointer {
  int count;
  int* first;
};
struct deep {
  std::string name;
  std::vector<std::optional<with_pointer>> entries;
};
struct in_array {
  char letters[3];
  int* pointers[2];
};
static_assert(rejected<int*, why::is_a_raw_pointer<int*>>);
static_assert(rejected<const char*, why::is_a_raw_pointer<const char*>>);
static_assert(rejected<void*, why::is_a_raw_pointer<void*>>);
static_assert(rejected<int* const, why::is_a_raw_pointer<int*>>);
static_assert(rejected<int* [2], why::element<int*>, why::is_a_raw_pointer<int*>>);
static_assert(rejected<with_pointer, why::field<1, int*>, why::is_a_raw_pointer<int*>>);
static_assert(
    rejected<deep, why::field<1, std::vector<std::optional<with_pointer>>>, why::element<std::optional<with_pointer>>,
             why::element<with_pointer>, why::field<1, int*>, why::is_a_raw_pointer<int*>>);
static_assert(rejected<in_array, why::field<1, int* [2]>, why::element<int*>, why::is_a_raw_pointer<int*>>);
static_assert(rejected<std::vector<int*>, why::element<int*>, why::is_a_raw_pointer<int*>>);
static_assert(rejected<std::pair<int, int*>, why::element<int*>, why::is_a_raw_pointer<int*>>);
static_assert(rejected<std::tuple<int, std::string, int*>, why::element<int*>, why::is_a_raw_pointer<int*>>);
static_assert(rejected<std::variant<int, int*>, why::element<int*>, why::is_a_raw_pointer<int*>>);
static_assert(rejected<std::optional<int*>, why::element<int*>, why::is_a_raw_pointer<int*>>);
static_assert(rejected<tl::expected<int, const char*>, why::element<const char*>, why::is_a_raw_pointer<const char*>>);
static_assert(rejected<std::unique_ptr<int*>, why::pointee<int*>, why::is_a_raw_pointer<int*>>);
static_assert(rejected<std::future<int*>, why::element<int*>, why::is_a_raw_pointer<int*>>);
static_assert(rejected<std::promise<int*>, why::element<int*>, why::is_a_raw_pointer<int*>>);
static_assert(
    rejected<std::atomic<with_pointer>, why::element<with_pointer>, why::field<1, int*>, why::is_a_raw_pointer<int*>>);
// A pointer that frees by what it points to.
struct returns_to_pool {
  int* pool;
  void operator()(int*) const {}
};
using pooled = std::unique_ptr<int, returns_to_pool>;
static_assert(rejected<pooled, why::deleter<returns_to_pool>, why::field<0, int*>, why::is_a_raw_pointer<int*>>);
static_assert(!send<std::map<std::string, int*>>);
static_assert(!send<std::map<int*, std::string>>);
static_assert(!send<std::queue<int*>>);
static_assert(rejected<std::coroutine_handle<>, why::is_a_raw_pointer<std::coroutine_handle<>>>);

// Views and references inside of something.
struct request {
  std::string_view path;
};
struct refers {
  const std::string& text;
};
static_assert(rejected<std::string_view, why::is_a_view<std::string_view>>);
static_assert(rejected<std::u8string_view, why::is_a_view<std::u8string_view>>);
static_assert(rejected<std::span<int>, why::is_a_view<std::span<int>>>);
static_assert(rejected<std::span<const char, 4>, why::is_a_view<std::span<const char, 4>>>);
static_assert(rejected<std::reference_wrapper<int>, why::is_a_view<std::reference_wrapper<int>>>);
static_assert(rejected<std::initializer_list<int>, why::is_a_view<std::initializer_list<int>>>);
static_assert(rejected<request, why::field<0, std::string_view>, why::is_a_view<std::string_view>>);
static_assert(rejected<refers, why::field<0, const std::string&>, why::is_a_view<const std::string&>>);
static_assert(rejected<std::tuple<int&>, why::element<int&>, why::is_a_view<int&>>);
static_assert(
    rejected<std::vector<std::string_view>, why::element<std::string_view>, why::is_a_view<std::string_view>>);
static_assert(!send<std::vector<int>::iterator>);
static_assert(!send<std::map<int, int>::iterator>);
static_assert(!send<std::back_insert_iterator<std::vector<int>>>);

// Locks that are held.
struct with_guard {
  std::string name;
  std::unique_lock<std::mutex> guard;
};
static_assert(rejected<std::unique_lock<std::mutex>, why::belongs_to_its_thread<std::unique_lock<std::mutex>>>);
static_assert(rejected<std::lock_guard<std::mutex>, why::belongs_to_its_thread<std::lock_guard<std::mutex>>>);
static_assert(rejected<std::scoped_lock<std::mutex>, why::belongs_to_its_thread<std::scoped_lock<std::mutex>>>);
static_assert(
    rejected<std::shared_lock<std::shared_mutex>, why::belongs_to_its_thread<std::shared_lock<std::shared_mutex>>>);
static_assert(rejected<with_guard, why::field<1, std::unique_lock<std::mutex>>,
                       why::belongs_to_its_thread<std::unique_lock<std::mutex>>>);

// Types that hide what they hold.
using callback = std::function<void()>;
static_assert(rejected<callback, why::hides_what_it_holds<callback>>);
static_assert(rejected<std::any, why::hides_what_it_holds<std::any>>);
static_assert(rejected<std::shared_ptr<void>, why::hides_what_it_holds<std::shared_ptr<void>>>);
static_assert(rejected<std::vector<callback>, why::element<callback>, why::hides_what_it_holds<callback>>);
static_assert(rejected<std::unique_ptr<void>, why::hides_what_it_holds<std::unique_ptr<void>>>);
using erased = std::unique_ptr<void, void (*)(void*)>;
static_assert(rejected<erased, why::hides_what_it_holds<erased>>);
static_assert(!send<std::packaged_task<int()>>);

// Counted without atomic operations, as Rust's Rc: not seen into, so refused.
template <class T>
class rc {
 public:
  rc() : shared_(new block()) {}
  rc(const rc& other) : shared_(other.shared_) { ++shared_->count; }
  rc& operator=(const rc&) = delete;
  ~rc() {
    if (--shared_->count == 0) delete shared_;
  }

 private:
  struct block {
    int count = 1;
    T value{};
  };
  block* shared_;
};
struct cache {
  std::string name;
  rc<int> entries;
};
static_assert(rejected<rc<int>, why::cannot_see_into<rc<int>>>);
static_assert(rejected<cache, why::field<1, rc<int>>, why::cannot_see_into<rc<int>>>);
static_assert(
    rejected<std::shared_ptr<cache>, why::pointee<cache>, why::field<1, rc<int>>, why::cannot_see_into<rc<int>>>);
static_assert(
    rejected<std::unique_ptr<cache>, why::pointee<cache>, why::field<1, rc<int>>, why::cannot_see_into<rc<int>>>);

// Classes that are not seen into.
class raii {
 public:
  ~raii() {}
};
class with_private_string {
 public:
  explicit with_private_string(std::string text) : text_(std::move(text)) {}

 private:
  std::string text_;
};
class with_private_pointer {
 public:
  explicit with_private_pointer(int* to) : to_(to) {}
  int* get() const { return to_; }

 private:
  int* to_;
};
class without_a_constexpr_constructor {
 public:
  explicit without_a_constexpr_constructor(int value) : value_(value) {}
  int get() const { return value_; }

 private:
  int value_;
};
struct with_base : with_private_string {
  int more;
};
union either {
  int number;
  int* pointer;
};
static_assert(rejected<raii, why::cannot_see_into<raii>>);
static_assert(rejected<with_private_string, why::cannot_see_into<with_private_string>>);
static_assert(rejected<with_private_pointer, why::cannot_see_into<with_private_pointer>>);
static_assert(rejected<without_a_constexpr_constructor, why::cannot_see_into<without_a_constexpr_constructor>>);
static_assert(rejected<with_base, why::cannot_see_into<with_base>>);
static_assert(rejected<either, why::cannot_see_into<either>>);

// What moves is no mutex and no semaphore, though it locks and counts as one: a guard does, too.
class moving_lock {
 public:
  explicit moving_lock(std::mutex& of) : of_(&of) {}
  void lock() { of_->lock(); }
  void unlock() { of_->unlock(); }
  bool try_lock() { return of_->try_lock(); }

 private:
  std::mutex* of_;
};
class moving_permits {
 public:
  explicit moving_permits(std::atomic<int>& of) : of_(&of) {}
  void acquire() { of_->fetch_sub(1); }
  bool try_acquire() { return of_->fetch_sub(1) > 0; }
  void release() { of_->fetch_add(1); }

 private:
  std::atomic<int>* of_;
};
static_assert(rejected<moving_lock, why::cannot_see_into<moving_lock>>);
static_assert(rejected<moving_permits, why::cannot_see_into<moving_permits>>);

// Polymorphic classes, incomplete ones, those of another allocator.
struct shape {
  virtual ~shape() = default;
};
struct square final : shape {};
class pimpl;
static_assert(rejected<shape, why::may_be_a_derived_class<shape>>);
static_assert(rejected<std::unique_ptr<shape>, why::pointee<shape>, why::may_be_a_derived_class<shape>>);
static_assert(!send<square>);
static_assert(rejected<std::ifstream, why::may_be_a_derived_class<std::ifstream>>);
static_assert(rejected<pimpl, why::is_incomplete_here<pimpl>>);
static_assert(rejected<std::unique_ptr<pimpl>, why::pointee<pimpl>, why::is_incomplete_here<pimpl>>);
using pmr_allocator = std::pmr::polymorphic_allocator<int>;
static_assert(rejected<std::pmr::vector<int>, why::allocator<pmr_allocator>, why::cannot_see_into<pmr_allocator>>);
static_assert(rejected<std::pmr::list<int>, why::allocator<pmr_allocator>, why::cannot_see_into<pmr_allocator>>);

// Recursive ones that lead to what does not hold.
struct bad_node {
  std::unique_ptr<bad_node> next;
  int* value;
};
struct bad_ping;
struct bad_pong {
  std::vector<bad_ping> others;
};
struct bad_ping {
  std::vector<bad_pong> others;
  int* value;
};
static_assert(rejected<bad_node, why::field<1, int*>, why::is_a_raw_pointer<int*>>);
static_assert(!send<std::unique_ptr<bad_node>>);
static_assert(!send<bad_pong> && !send<bad_ping>);

// Closures.
struct object {
  int value;
  auto captures_this() {
    return [this] { return value; };
  }
};
[[maybe_unused]] auto make_closures() {
  int number = 1;
  int* pointer = &number;
  std::string text = "x";
  std::string_view view = text;
  auto one_reference = [&number] { return number; };
  auto all_references = [&] { return number; };
  auto one_pointer = [pointer] { return *pointer; };
  auto one_view = [view] { return view.size(); };
  auto reference_among_values = [number, &text] { return text.size() + static_cast<std::size_t>(number); };
  static_assert(rejected<decltype(one_reference), why::captures_a_pointer_or_reference<decltype(one_reference)>>);
  static_assert(rejected<decltype(all_references), why::captures_a_pointer_or_reference<decltype(all_references)>>);
  static_assert(rejected<decltype(one_pointer), why::captures_a_pointer_or_reference<decltype(one_pointer)>>);
  static_assert(rejected<decltype(one_view), why::captures_a_pointer_or_reference<decltype(one_view)>>);
  static_assert(rejected<decltype(reference_among_values),
                         why::captures_a_pointer_or_reference<decltype(reference_among_values)>>);
  return 0;
}
// A class is no lambda for having the word in its name, nor for holding one.
class lambda_queue {
 public:
  ~lambda_queue() {}

 private:
  std::string text_;
};
template <class Function>
class holds_function {
 public:
  explicit holds_function(Function function) : function_(std::move(function)) {}
  ~holds_function() {}

 private:
  Function function_;
};
[[maybe_unused]] auto makes_closure(std::string text) {
  return [text = std::move(text)](std::vector<int> numbers) mutable { return text.size() + numbers.size(); };
}
using closure = decltype(makes_closure(""));
static_assert(send<closure>);
static_assert(rejected<lambda_queue, why::cannot_see_into<lambda_queue>>);
static_assert(rejected<holds_function<closure>, why::cannot_see_into<holds_function<closure>>>);

using captures_this = decltype(std::declval<object&>().captures_this());
static_assert(rejected<captures_this, why::captures_a_pointer_or_reference<captures_this>>);

// References to what may not be shared.
static_assert(
    rejected<const cache&, why::referred_to<const cache>, why::field<1, rc<int>>, why::cannot_see_into<rc<int>>>);
static_assert(rejected<int*&, why::referred_to<int*>, why::is_a_raw_pointer<int*>>);

// Declared so.
struct token {
  using declare_send = heddle::declared_false<token>;
  int number;
};
struct holds_token {
  token own;
};
// The declaration of a base class does not hold for what is derived.
class declared_base {
 public:
  using declare_send = heddle::declared_true<declared_base, "its own members are safe">;
  ~declared_base() {}
};
class derived : public declared_base {
  std::shared_ptr<rc<int>> more_;
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
static_assert(rejected<token, why::is_declared_so<token>>);
static_assert(rejected<holds_token, why::field<0, token>, why::is_declared_so<token>>);
static_assert(send<declared_base> && !send<derived>);
static_assert(rejected<cell<int*>, why::is_declared_so<cell<int*>>>);
static_assert(rejected<std::shared_ptr<cell<int>>, why::pointee<cell<int>>, why::is_declared_so<cell<int>>>);
static_assert(rejected<std::weak_ptr<cell<int>>, why::pointee<cell<int>>, why::is_declared_so<cell<int>>>);
// One thread at a time may use a cell by reference, several may not read it.
static_assert(send<cell<int>&>);
static_assert(rejected<const cell<int>&, why::referred_to<const cell<int>>, why::is_declared_so<cell<int>>>);
static_assert(!heddle::sync::sync<cell<int>&>);
// Whoever drops the last owner destroys: to be read by several is not enough.
class read_by_all {
 public:
  using declare_send = heddle::declared_false<read_by_all>;
  using declare_sync = heddle::declared_true<read_by_all, "it is only read; its thread destroys it">;
  ~read_by_all() {}
};
static_assert(heddle::sync::sync<read_by_all> && send<const read_by_all&>);
static_assert(rejected<std::shared_ptr<read_by_all>, why::pointee<read_by_all>, why::is_declared_so<read_by_all>>);
static_assert(rejected<std::atomic<int>*, why::is_a_raw_pointer<std::atomic<int>*>>);

}  // namespace

namespace third_party {
struct handle {
  int number;
};
struct window;
using window_handle = window*;
}  // namespace third_party
HEDDLE_DECLARE_SEND(third_party::handle, false);
HEDDLE_DECLARE_SEND(third_party::window_handle, false);
namespace {
static_assert(rejected<third_party::handle, why::is_declared_so<third_party::handle>>);
static_assert(rejected<third_party::window_handle, why::is_declared_so<third_party::window_handle>>);
}  // namespace
