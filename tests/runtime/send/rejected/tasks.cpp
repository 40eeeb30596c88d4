// Programs that the rules of send refuse, each with what the compiler has to say: behind `expect:` a part of the
// sentence, behind `way:` parts of the name of what was instantiated, without spaces. They stand above the line whose
// number has to be among the places that the error names; `check_messages` compares.
#include "heddle/runtime.hpp"

#include <any>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using heddle::dyn_task;
using heddle::local_task;
using heddle::task;

// Counted without atomic operations, as Rust's Rc.
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
template <int>
struct thread_bound_token {
  using declare_send = heddle::declared_false<thread_bound_token>;
};
struct cache {
  std::string name;
  rc<int> entries;
};
struct session {
  int id;
  std::vector<cache> caches;
  // expect: C++ does not show what this class holds
  // way: coroutine_parameter<1,session&> field<1,std::vector<cache element<cache> field<1,rc<int>>
  task<> run() { co_return; }
};

// Parameters.
task<> rc_by_value(int, rc<double>) {
  // expect: C++ does not show what this class holds
  // way: coroutine_parameter<2,rc<double>>
  co_return;
}
task<> pointer(int*) {
  // expect: a raw pointer says neither who owns what it points to
  // way: coroutine_parameter<1,int*>
  co_return;
}
task<> reference_to_rc(const rc<char>&) {
  // expect: C++ does not show what this class holds
  // way: coroutine_parameter<1,constrc<char>&> referred_to<constrc<char>>
  co_return;
}
task<> lock(std::unique_lock<std::mutex>) {
  // expect: this object belongs to the thread that made it
  // way: coroutine_parameter<1,std::unique_lock<std::mutex>>
  co_return;
}
task<> bound(heddle::thread_bound<int>&) {
  // expect: this object belongs to the thread that made it
  // way: coroutine_parameter<1,heddle::thread_bound<int>&> referred_to<heddle::thread_bound<int>>
  co_return;
}
task<> function(std::function<void()>) {
  // expect: this type can hold any other
  // way: coroutine_parameter<1,std::function<void()>
  co_return;
}
task<> wrapped_reference_to_a_token(std::reference_wrapper<thread_bound_token<2>>) {
  // expect: this type is declared not to leave its thread
  // way: coroutine_parameter<1,std::reference_wrapper<thread_bound_token<2>
  co_return;
}
task<> span_of_tokens(std::span<thread_bound_token<1>>) {
  // expect: this type is declared not to leave its thread
  // way: coroutine_parameter<1,std::span<thread_bound_token<1>
  co_return;
}

// Lambdas.
void lambdas() {
  int number = 1;
  // expect: this lambda captures a pointer or a reference
  // way: coroutine_parameter<1,const
  auto by_reference = [&number]() -> task<int> { co_return number; };
  static_cast<void>(by_reference());
}

// Results and operands.
task<std::string_view> result() {
  // expect: a view refers to what somebody else owns
  // way: result<std::basic_string_view<char
  co_return "";
}
struct own_future {
  thread_bound_token<2> token;
  heddle::poll_result<> poll(heddle::context&) { return heddle::ready; }
};
task<> awaits() {
  // expect: this type is declared not to leave its thread
  // way: awaited<own_future> field<0,thread_bound_token<2>>
  co_await own_future{};
}

// Members of interfaces.
struct store {
  virtual ~store() = default;
  // expect: this class has virtual functions
  // way: coroutine_parameter<1,store&> referred_to<store>
  virtual dyn_task<> flush() { co_return; }
};

// What runs on its own has to own what it uses.
task<> takes(const std::string&) {
  co_return;
}
void spawns(std::string& text, std::vector<int>& numbers, int* pointer) {
  // expect: spawn(fn, args...) keeps the arguments
  // way: spawned_argument<1,std::reference_wrapper<const
  heddle::spawn(takes, std::cref(text)).detach();
  // expect: a view refers to what somebody else owns
  // way: spawned_argument<1,std::basic_string_view<char
  heddle::spawn([](std::string_view) -> task<> { co_return; }, std::string_view(text)).detach();
  // expect: this lambda captures a pointer or a reference
  // way: spawned_function<
  heddle::spawn([&text] { return takes(text); }).detach();
  // expect: spawn(fn, args...)
  // way: spawned_function<
  heddle::spawn_blocking([&numbers] { numbers.clear(); }).detach();
  // expect: a raw pointer says neither who owns
  // way: spawned_argument<1,int*>
  heddle::spawn_blocking([](int* target) { *target = 1; }, pointer).detach();
  // expect: a raw pointer says neither who owns
  // way: result<int*>
  heddle::spawn_blocking([]() -> int* { return nullptr; }).detach();
}

// Channels, locks and values of tasks.
heddle::task_local<thread_bound_token<3>> token;
void shares() {
  // expect: C++ does not show what this class holds
  // way: sent_through_a_channel<std::shared_ptr<rc<float>>> pointee<rc<float>>
  static_cast<void>(heddle::mpsc::channel<std::shared_ptr<rc<float>>>(1));
  // expect: a raw pointer says neither who owns
  // way: sent_through_a_channel<constchar*>
  static_cast<void>(heddle::mpsc::unbounded<const char*>());
  // expect: a view refers to what somebody else owns
  // way: sent_through_a_channel<std::span<int
  static_cast<void>(heddle::oneshot::channel<std::span<int>>());
  // expect: this type can hold any other
  // way: shared_by_receivers<std::any>
  static_cast<void>(heddle::broadcast::channel<std::any>(1));
  // expect: C++ does not show what this class holds
  // way: shared_by_receivers<rc<bool>>
  static_cast<void>(heddle::watch::channel<rc<bool>>({}));
  // expect: this type is declared not to leave its thread
  // way: guarded_by_a_lock<thread_bound_token<4>>
  heddle::sync::mutex<thread_bound_token<4>> locked;
  // expect: this type is declared not to leave its thread
  // way: guarded_by_a_lock<thread_bound_token<5>>
  heddle::sync::rw_lock<thread_bound_token<5>> readable;
  // expect: this type is declared not to leave its thread
  // way: task_local_value<thread_bound_token<3>>
  static_cast<void>(token.scope({}, heddle::yield_now()));
}
