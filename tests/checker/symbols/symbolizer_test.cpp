#include "symbols/symbolizer.hpp"

#include <gtest/gtest.h>

namespace heddle::check {
namespace {

struct where {
  std::uintptr_t pc = 0;
  unsigned line = 0;
};

[[gnu::noinline]] std::uintptr_t caller() {
  return reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
}

[[gnu::noinline]] where plain_function() {
  const where here{caller(), __LINE__};
  asm volatile("" ::: "memory");  // no tail call
  return here;
}

[[gnu::always_inline]] inline where inlined_function() {
  const where here{caller(), __LINE__};
  asm volatile("" ::: "memory");  // no tail call
  return here;
}

[[gnu::noinline]] where function_around() {
  where inner = inlined_function();
  inner.line = __LINE__ - 1;
  return inner;
}

}  // namespace
}  // namespace heddle::check

// To a demangler, the type `long long`.
extern "C" int x;
int x = 0;

namespace heddle::check {
namespace {

TEST(Symbolizer, NamesVariablesOfCAsTheyAre) {
  EXPECT_EQ(symbolizer().variable(reinterpret_cast<std::uintptr_t>(&x)), "x");
}

// Larger than what the last page of the file leaves room for.
char zeroed[std::size_t{1} << 16];

TEST(Symbolizer, NamesVariablesInZeroedDataThatIsInNoFile) {
  const std::string name = symbolizer().variable(reinterpret_cast<std::uintptr_t>(&zeroed[sizeof zeroed - 1]));
  EXPECT_TRUE(name.ends_with("zeroed + 65535 bytes")) << name;
}

TEST(Symbolizer, NamesFunctionFileAndLineOfACall) {
  symbolizer symbols;
  const where here = plain_function();
  const auto& frames = symbols.resolve(here.pc);
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_TRUE(frames[0].function.ends_with("plain_function")) << frames[0].function;
  EXPECT_TRUE(frames[0].file.ends_with("symbolizer_test.cpp")) << frames[0].file;
  EXPECT_EQ(frames[0].line, here.line);
  EXPECT_FALSE(frames[0].internal);
}

TEST(Symbolizer, ShowsInlinedFunctionsInsideTheirCallers) {
  symbolizer symbols;
  const where here = function_around();
  const auto& frames = symbols.resolve(here.pc);
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_TRUE(frames[0].function.ends_with("inlined_function")) << frames[0].function;
  EXPECT_TRUE(frames[1].function.ends_with("function_around")) << frames[1].function;
  EXPECT_EQ(frames[1].line, here.line);
}

TEST(Symbolizer, SurvivesAddressesOfNothing) {
  symbolizer symbols;
  for (const std::uintptr_t address : {std::uintptr_t{0}, std::uintptr_t{1}, ~std::uintptr_t{0}}) {
    ASSERT_EQ(symbols.resolve(address).size(), 1U);
    EXPECT_TRUE(symbols.resolve(address)[0].internal);
  }
  EXPECT_EQ(symbols.user_place(0).file, "");
}

TEST(Symbolizer, KnowsTheLibrariesAsInternal) {
  symbolizer symbols;
  const auto& frames = symbols.resolve(reinterpret_cast<std::uintptr_t>(&std::abort) + 1);
  EXPECT_TRUE(frames[0].internal);
}

}  // namespace
}  // namespace heddle::check
