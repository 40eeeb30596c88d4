// Every callback of -fsanitize=thread that programs were seen to use is answered: a missing one would
// be a link error in somebody's build.
#include <string>
#include <vector>

#include <dlfcn.h>
#include <gtest/gtest.h>

namespace {

std::vector<std::string> expected_callbacks() {
  std::vector<std::string> names{"__tsan_init",
                                 "__tsan_func_entry",
                                 "__tsan_func_exit",
                                 "__tsan_atomic_thread_fence",
                                 "__tsan_atomic_signal_fence",
                                 "__tsan_vptr_read",
                                 "__tsan_vptr_update",
                                 "__tsan_read_range",
                                 "__tsan_write_range",
                                 "__tsan_read_range_pc",
                                 "__tsan_write_range_pc",
                                 "__tsan_memcpy",
                                 "__tsan_memmove",
                                 "__tsan_memset",
                                 "__tsan_acquire",
                                 "__tsan_release",
                                 "__tsan_mutex_create",
                                 "__tsan_mutex_destroy",
                                 "__tsan_mutex_pre_lock",
                                 "__tsan_mutex_post_lock",
                                 "__tsan_mutex_pre_unlock",
                                 "__tsan_mutex_post_unlock",
                                 "__sanitizer_unaligned_load16",
                                 "__sanitizer_unaligned_store64",
                                 "AnnotateRWLockCreateStatic",
                                 "AnnotateHappensBefore",
                                 "AnnotateHappensAfter"};
  for (const char* size : {"1", "2", "4", "8", "16"}) {
    for (const char* access : {"read", "write"}) {
      names.push_back(std::string{"__tsan_"} + access + size);
      names.push_back(std::string{"__tsan_"} + access + size + "_pc");
      names.push_back(std::string{"__tsan_volatile_"} + access + size);
      if (std::string{size} != "1") names.push_back(std::string{"__tsan_unaligned_"} + access + size);
    }
    names.push_back(std::string{"__tsan_read_write"} + size);
  }
  for (const char* bits : {"8", "16", "32", "64", "128"}) {
    for (const char* operation :
         {"load", "store", "exchange", "fetch_add", "fetch_sub", "fetch_and", "fetch_or", "fetch_xor", "fetch_nand",
          "compare_exchange_strong", "compare_exchange_weak", "compare_exchange_val"}) {
      names.push_back(std::string{"__tsan_atomic"} + bits + "_" + operation);
    }
  }
  return names;
}

TEST(Callbacks, all_are_defined_by_the_executable) {
  for (const std::string& name : expected_callbacks()) {
    EXPECT_NE(dlsym(RTLD_DEFAULT, name.c_str()), nullptr) << name;
  }
}

TEST(Callbacks, intercepted_functions_win_over_those_of_libc) {
  for (const char* name : {"pthread_create", "pthread_mutex_lock", "pthread_cond_clockwait", "clock_gettime", "malloc",
                           "free", "syscall", "nanosleep", "sem_wait", "__cxa_guard_acquire", "__cxa_thread_atexit",
                           "memcpy", "strlen", "strdup", "read", "snprintf", "_Znwm", "_ZdlPv"}) {
    Dl_info where{};
    ASSERT_NE(dladdr(dlsym(RTLD_DEFAULT, name), &where), 0) << name;
    Dl_info own{};
    dladdr(reinterpret_cast<void*>(&expected_callbacks), &own);
    EXPECT_STREQ(where.dli_fname, own.dli_fname) << name;
  }
}

}  // namespace
