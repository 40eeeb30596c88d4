#include "symbols/names.hpp"

#include <string>

#include <gtest/gtest.h>

namespace heddle::check {
namespace {

TEST(ShortName, LeavesOutWhatAReaderDoesNotNeed) {
  EXPECT_EQ(short_name("main"), "main");
  EXPECT_EQ(short_name("transfer(account&, account&, int)"), "transfer");
  EXPECT_EQ(short_name("void bank::account::add<int>(int) const"), "bank::account::add<int>");
  EXPECT_EQ(short_name("(anonymous namespace)::work(void (*)(int))"), "work");
  EXPECT_EQ(short_name("run()::{lambda()#1}::operator()() const"), "run::lambda");
  EXPECT_EQ(short_name("run()::{lambda(auto:1)#2}::operator()<int>(int) const"), "run::lambda<int>");
  EXPECT_EQ(short_name("run()::$_0::operator()() const"), "run::lambda");
  EXPECT_EQ(short_name("outer() const::{lambda()#1}::operator()() const"), "outer::lambda");
  EXPECT_EQ(short_name("std::vector<int, std::allocator<int> >::push_back(int&&)"), "std::vector<...>::push_back");
  EXPECT_EQ(short_name("work(int) [clone .resume]"), "work");
  EXPECT_EQ(short_name("bool operator<(a const&, b const&)"), "operator<");
  EXPECT_EQ(short_name("queue::operator()(int)"), "queue::operator()");
  EXPECT_EQ(short_name("heddle_test_body_Bank_KeepsTheSum()"), "HEDDLE_TEST Bank_KeepsTheSum");
  EXPECT_EQ(short_name(""), "");
}

TEST(IsInternal, TellsLibrariesFromTheUsersCode) {
  EXPECT_TRUE(
      is_internal("void std::__invoke_impl<void, f()::{lambda()#1}>(std::__invoke_other, f()::{lambda()#1}&&)", ""));
  EXPECT_TRUE(is_internal("std::mutex::lock()", "/usr/include/c++/12/bits/std_mutex.h"));
  EXPECT_TRUE(is_internal("testing::Test::Run()", ""));
  EXPECT_TRUE(is_internal("heddle::runtime::block_on()", "/src/heddle/runtime/scheduler/x.cpp"));
  EXPECT_TRUE(is_internal("pthread_mutex_lock", ""));
  EXPECT_TRUE(is_internal("main", "/src/main.cpp"));
  const std::string here = __FILE__;
  const std::string sources = here.substr(0, here.rfind("tests/checker/"));
  EXPECT_TRUE(is_internal("plain_load(int*)", sources + "sim/instrument/atomics.cpp"));
  EXPECT_FALSE(is_internal("plain_load(int*)", "/src/sim/instrument/atomics.cpp"));
  EXPECT_FALSE(is_internal("transfer(account&, account&)", "/src/bank.cpp"));
  EXPECT_FALSE(is_internal("standard::work()", "/src/standard.cpp"));
  EXPECT_FALSE(is_internal("heddle::heddle_test_body_A_B()", "/src/heddle/tests/a_test.cpp"));
}

}  // namespace
}  // namespace heddle::check
