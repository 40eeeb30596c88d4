// Libraries that are loaded while the program runs.
#include "expect_sound.hpp"
#include "machine/tls_blocks.hpp"

#include <set>
#include <thread>

#include <dlfcn.h>

namespace heddle::sim::testing {
namespace {

class loaded_library {
 public:
  loaded_library() : handle_(dlopen(HEDDLE_LOADED_LIBRARY, RTLD_NOW | RTLD_LOCAL)) {}
  loaded_library(const loaded_library&) = delete;
  loaded_library& operator=(const loaded_library&) = delete;
  ~loaded_library() { dlclose(handle_); }

  int& thread_local_value() const { return *function<int* (*)()>("loaded_thread_local")(); }
  int static_value() const { return function<int (*)()>("loaded_static")(); }

 private:
  template <typename Function>
  Function function(const char* name) const {
    return reinterpret_cast<Function>(dlsym(handle_, name));
  }

  void* handle_;
};

// What another virtual thread finds after the body has changed its own value from 7 to 8.
int seen_by_another_thread(const loaded_library& library) {
  library.thread_local_value() = 8;
  int seen = 0;
  std::thread other([&] { seen = library.thread_local_value(); });
  other.join();
  return seen;
}

TEST(Libraries, thread_locals_of_one_that_was_used_before_belong_to_virtual_threads) {
  const loaded_library library;
  ASSERT_EQ(library.thread_local_value(), 7);
  expect_sound([&] {
    check(library.thread_local_value() == 7, "another thread's or execution's value");
    check(seen_by_another_thread(library) == 7, "another thread's value");
  });
}

TEST(Libraries, thread_locals_of_one_that_is_loaded_inside_belong_to_virtual_threads) {
  if (!tls_blocks{}.discover()) GTEST_SKIP() << "this system has no FSGSBASE";
  expect_sound([] {
    const loaded_library library;
    check(library.static_value() == 5 && library.static_value() == 6, "another static");
    check(seen_by_another_thread(library) == 7, "another thread's value");
  });
}

TEST(Libraries, all_threads_share_the_thread_locals_of_one_that_is_loaded_inside_where_addresses_are_shared) {
  tls_blocks::wanted = false;
  int seen = 0;
  expect_sound(
      [&] {
        const loaded_library library;
        check(library.static_value() == 5 && library.static_value() == 6, "another static");
        seen = seen_by_another_thread(library);
      },
      3);
  EXPECT_EQ(seen, 8) << "the limit is gone: take it out of docs/limits.md";
  tls_blocks::wanted = true;
}

}  // namespace
}  // namespace heddle::sim::testing
