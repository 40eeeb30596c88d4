// Tasks that keep across a co_await what belongs to their thread. Each variable that is to be found has `// found` on
// its line. Never run.
#include "heddle/runtime.hpp"

#include <mutex>
#include <optional>
#include <shared_mutex>
#include <utility>
#include <vector>

// Counted without atomic operations, as Rust's Rc. Its name is given to the audit.
template <class T>
class rc {
 public:
  rc() : content_(new T()) {}
  rc(const rc& other);
  ~rc();
  T& operator*() const { return *content_; }

 private:
  T* content_;
};

namespace third_party {
class device {
 public:
  device();
  ~device();
  void draw();

 private:
  int* state_ = nullptr;
};
}  // namespace third_party
HEDDLE_DECLARE_SEND(third_party::device, false);

namespace subjects {

struct session {
  int id;
  std::unique_lock<std::mutex> held;
};
class locked_vector : std::lock_guard<std::mutex> {
 public:
  explicit locked_vector(std::mutex& lock) : std::lock_guard<std::mutex>(lock) {}
  std::vector<int> numbers;
};

heddle::task<> guard(std::mutex& lock) {
  const std::lock_guard<std::mutex> held(lock);  // found
  co_await heddle::yield_now();
}

heddle::task<> reader(std::shared_mutex& lock) {
  std::shared_lock<std::shared_mutex> held(lock);  // found
  co_await heddle::yield_now();
  held.unlock();
}

heddle::task<> in_an_inner_scope(std::mutex& lock, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    std::scoped_lock held(lock);  // found
    co_await heddle::yield_now();
  }
}

heddle::task<> in_a_member(std::mutex& lock) {
  session own{1, std::unique_lock(lock)};  // found
  co_await heddle::yield_now();
  own.held.unlock();
}

heddle::task<> in_a_base_class(std::mutex& lock) {
  locked_vector own(lock);  // found
  co_await heddle::yield_now();
  own.numbers.push_back(1);
}

heddle::task<> in_an_optional(std::mutex& lock) {
  std::optional<std::unique_lock<std::mutex>> perhaps;  // found
  perhaps.emplace(lock);
  co_await heddle::yield_now();
}

heddle::task<> in_a_vector(std::mutex& lock) {
  std::vector<session> all;  // found
  all.push_back({1, std::unique_lock(lock)});
  co_await heddle::yield_now();
}

heddle::task<int> bound() {
  heddle::thread_bound<int> value(1);  // found
  co_await heddle::yield_now();
  co_return *value;
}

heddle::task<> declared_outside() {
  third_party::device screen;  // found
  co_await heddle::yield_now();
  screen.draw();
}

heddle::task<int> reference_count() {
  rc<int> shared;  // found
  co_await heddle::yield_now();
  co_return *shared;
}

template <class T>
heddle::task<T> in_a_template(std::mutex& lock, T value) {
  std::unique_lock held(lock);  // found
  co_await heddle::yield_now();
  held.unlock();
  co_return value;
}
template heddle::task<long> in_a_template(std::mutex&, long);

heddle::task<> in_a_lambda(std::mutex& lock) {
  auto waits = [](std::mutex& other) -> heddle::task<> {
    std::unique_lock held(other);  // found
    co_await heddle::yield_now();
    held.unlock();
  };
  co_await waits(lock);
}

struct store {
  using declare_send = heddle::declared_true<store, "a subject of a test">;
  std::mutex lock;

  heddle::dyn_task<> flush() {
    const std::lock_guard<std::mutex> held(lock);  // found
    co_await heddle::yield_now();
  }
};

heddle::task<> uses_store(store& own) {
  co_await own.flush();
}

}  // namespace subjects
