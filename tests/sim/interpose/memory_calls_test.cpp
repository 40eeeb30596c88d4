// Functions of libc on the program's memory: their accesses are seen, and they do what they always did.
#include "../support.hpp"

#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace heddle::sim::testing {
namespace {

// The function itself, which the compiler cannot replace by instructions or by a callback of its own.
template <typename Function>
Function* called(Function* function) {
  Function* volatile kept = function;
  return kept;
}

struct use {
  const char* name;
  std::function<void(char* block, char* other)> call;  // on 64 bytes each, that hold strings of 10 letters
};

std::vector<use> uses() {
  using find = const void*(const void*, int, std::size_t);
  using find_letter = const char*(const char*, int);
  return {
      {"memcpy from", [](char* a, char* b) { called (&memcpy)(b, a, 20); }},
      {"memcpy to", [](char* a, char* b) { called (&memcpy)(a, b, 20); }},
      {"memmove from", [](char* a, char* b) { called (&memmove)(b, a, 20); }},
      {"memmove to", [](char* a, char* b) { called (&memmove)(a, b, 20); }},
      {"memset", [](char* a, char*) { called (&memset)(a, 1, 20); }},
      {"memcmp", [](char* a, char* b) { called (&memcmp)(b, a, 20); }},
      {"memchr", [](char* a, char*) { called(static_cast<find*>(&memchr))(a, 1, 20); }},
      {"strlen", [](char* a, char*) { called (&strlen)(a); }},
      {"strnlen", [](char* a, char*) { called (&strnlen)(a, 20); }},
      {"strcpy from", [](char* a, char* b) { called (&strcpy)(b, a); }},
      {"strcpy to", [](char* a, char* b) { called (&strcpy)(a, b); }},
      {"strncpy from", [](char* a, char* b) { called (&strncpy)(b, a, 20); }},
      {"strncpy to", [](char* a, char* b) { called (&strncpy)(a, b, 20); }},
      {"strcat from", [](char* a, char* b) { called (&strcat)(b, a); }},
      {"strcat to", [](char* a, char* b) { called (&strcat)(a, b); }},
      {"strncat from", [](char* a, char* b) { called (&strncat)(b, a, 5); }},
      {"strncat to", [](char* a, char* b) { called (&strncat)(a, b, 5); }},
      {"strcmp", [](char* a, char* b) { called (&strcmp)(b, a); }},
      {"strncmp", [](char* a, char* b) { called (&strncmp)(b, a, 20); }},
      {"strchr", [](char* a, char*) { called(static_cast<find_letter*>(&strchr))(a, 'x'); }},
      {"strrchr", [](char* a, char*) { called(static_cast<find_letter*>(&strrchr))(a, 'x'); }},
      {"strdup", [](char* a, char*) { free(called(&strdup)(a)); }},
      {"strndup", [](char* a, char*) { free(called(&strndup)(a, 5)); }},
      {"snprintf", [](char* a, char* b) { called (&snprintf)(a, 64, "%s", b); }},
      {"fputs",
       [](char* a, char*) {
         FILE* const file = fopen("/dev/null", "w");
         called (&fputs)(a, file);
         fclose(file);
       }},
      {"fgets",
       [](char* a, char*) {
         FILE* const file = fopen("/proc/version", "r");
         called (&fgets)(a, 20, file);
         fclose(file);
       }},
      {"strerror_r", [](char* a, char*) { called (&strerror_r)(-1, a, 64); }},
      {"write",
       [](char* a, char*) {
         std::array<int, 2> ends{};
         check(pipe(ends.data()) == 0, "no pipe");
         called (&write)(ends[1], a, 10);
       }},
      {"read",
       [](char* a, char* b) {
         std::array<int, 2> ends{};
         check(pipe(ends.data()) == 0 && write(ends[1], b, 10) == 10, "no pipe");
         called (&read)(ends[0], a, 10);
       }},
      {"send",
       [](char* a, char*) {
         std::array<int, 2> ends{};
         check(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0, "no socket");
         called (&send)(ends[1], a, 10, 0);
       }},
      {"recv",
       [](char* a, char* b) {
         std::array<int, 2> ends{};
         check(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0 && send(ends[1], b, 10, 0) == 10, "no socket");
         called (&recv)(ends[0], a, 10, 0);
       }},
  };
}

// Calls one of them in an execution, on a live block or on one that was freed.
execution_result run_use(const use& one, bool freed) {
  return run_once([&] {
    char* const block = static_cast<char*>(malloc(64));
    char* const other = static_cast<char*>(malloc(64));
    for (char* text : {block, other}) std::snprintf(text, 64, "%s", "abcdefghij");
    if (freed) free(block);
    one.call(block, other);
    if (!freed) free(block);
    free(other);
  });
}

TEST(MemoryCalls, on_freed_memory_are_found_and_on_live_memory_pass) {
  for (const use& one : uses()) {
    const execution_result found = run_use(one, true);
    ASSERT_EQ(found.failures.size(), 1u) << one.name;
    EXPECT_EQ(found.failures[0].kind, failure_kind::use_after_free) << one.name;
    EXPECT_EQ(first_message(run_use(one, false)), "") << one.name;
  }
}

// Its own accesses are not instrumented, so that those of the calls are all there are.
__attribute__((noinline, no_sanitize("thread"))) void call_each(char* text, char* other, int times) {
  auto* volatile set = &memset;
  auto* volatile copy = &strcpy;
  auto* volatile compare = &strcmp;
  for (; times > 0; --times) {
    set(text, 1, 20);      // one range
    copy(text, other);     // two
    compare(text, other);  // two
  }
}

TEST(MemoryCalls, are_a_scheduling_point_for_each_range_at_the_granularity_of_memory_alone) {
  const auto steps_of = [](granularity level, int times) {
    machine_options options;
    options.level = level;
    return run_once(
               [times] {
                 std::array<char, 64> text{"text"};
                 std::array<char, 64> other{"other"};
                 call_each(text.data(), other.data(), times);
               },
               1, options)
        .steps;
  };
  EXPECT_EQ(steps_of(granularity::memory, 3), steps_of(granularity::memory, 0) + 15);
  EXPECT_EQ(steps_of(granularity::sync, 3), steps_of(granularity::sync, 0));
}

TEST(MemoryCalls, an_end_in_another_block_is_not_taken_for_its_own) {
  // The first letters differ, so nothing behind them is read: neither the end of one nor the freed rest of the other.
  const execution_result result = run_once([] {
    auto* const text = static_cast<char*>(malloc(16));
    std::memset(text, 'a', 16);
    check(called(&strcmp)(text, "b") < 0, "not compared");
    check(called(&strncmp)(text, "aab", 2) == 0, "not compared");
    check(called(&strnlen)(text, 16) == 16, "not counted");
    using find = const void*(const void*, int, std::size_t);
    check(called(static_cast<find*>(&memchr))(text, 'a', 1'000'000) == text, "not found");
    free(text);
  });
  EXPECT_EQ(first_message(result), "");
}

TEST(MemoryCalls, do_what_they_always_did_inside_and_outside) {
  const auto try_all = [] {
    std::array<char, 32> a{};
    const auto is = [&](const char* text) { return std::string(a.data()) == text; };
    using find_letter = const char*(const char*, int);
    check(called(&strcpy)(a.data(), "hello") == a.data() && is("hello"), "strcpy");
    check(called(&strcat)(a.data(), " you") == a.data() && is("hello you"), "strcat");
    check(called(&strncat)(a.data(), " and me", 4) == a.data() && is("hello you and"), "strncat");
    check(called(static_cast<find_letter*>(&strchr))(a.data(), 'y') == a.data() + 6, "strchr");
    check(called(static_cast<find_letter*>(&strchr))(a.data(), 'q') == nullptr, "strchr of no such letter");
    check(called(static_cast<find_letter*>(&strrchr))(a.data(), 'o') == a.data() + 7, "strrchr");
    check(called(&strcmp)(a.data(), "hello") > 0 && called(&strncmp)(a.data(), "help", 3) == 0, "strcmp");
    check(called(&strncpy)(a.data(), "abc", 8) == a.data() && is("abc") && a[7] == '\0', "strncpy");
    check(called(&memmove)(a.data() + 1, a.data(), 3) == a.data() + 1 && is("aabc"), "memmove");
    check(called(&memset)(a.data(), 'z', 2) == a.data() && is("zzbc"), "memset");
    check(called(&snprintf)(a.data(), 4, "%d", 123456) == 6 && is("123"), "snprintf");
    check(called(&memcmp)(a.data(), "123", 4) == 0, "memcmp");
    char* const copy = called(&strndup)("abcdef", 3);
    check(std::string(copy) == "abc", "strndup");
    free(copy);
  };
  EXPECT_EQ(first_message(run_once(try_all)), "");
  std::array<char, 8> outside{};
  called (&strcpy)(outside.data(), "outside");
  EXPECT_EQ(called(&strlen)(outside.data()), 7u);
  EXPECT_EQ(called(&memcmp)(outside.data(), "outside", 8), 0);
}

}  // namespace
}  // namespace heddle::sim::testing
