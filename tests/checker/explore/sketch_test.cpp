#include "explore/sketch.hpp"

#include <gtest/gtest.h>

namespace heddle::check {
namespace {

// As the machine's event hashes: equally distributed, or nearly.
std::uint64_t hash_of_number(std::uint64_t number) {
  return (number + 1) * 0x9e3779b97f4a7c15ULL;
}

sketch of_numbers(std::uint64_t from, std::uint64_t to) {
  sketch result;
  for (std::uint64_t i = from; i < to; ++i) result.add(hash_of_number(i));
  return result;
}

TEST(Sketch, EstimatesWithinATenthFromNoneToAMillion) {
  EXPECT_EQ(sketch().estimate(), 0.0);
  for (const std::uint64_t count : {1U, 2U, 10U, 100U, 1000U, 3000U, 30'000U, 1'000'000U}) {
    const double estimate = of_numbers(0, count).estimate();
    EXPECT_NEAR(estimate, static_cast<double>(count), static_cast<double>(count) / 10) << count;
  }
}

TEST(Sketch, SeesNothingNewInWhatItHas) {
  sketch all = of_numbers(0, 500);
  const sketch before = all;
  all.join(of_numbers(100, 400));
  EXPECT_EQ(all, before);
}

TEST(Sketch, JoinIsTheSketchOfBothInAnyOrder) {
  const sketch a = of_numbers(0, 700);
  const sketch b = of_numbers(500, 2000);
  sketch ab = a;
  ab.join(b);
  sketch ba = b;
  ba.join(a);
  EXPECT_EQ(ab, ba);
  EXPECT_EQ(ab, of_numbers(0, 2000));
}

TEST(Sketch, TextKeepsEveryRegister) {
  const sketch some = of_numbers(0, 12'345);
  EXPECT_EQ(some.to_text().size(), sketch::registers);
  EXPECT_EQ(sketch::parse(some.to_text()), some);
}

TEST(Sketch, RejectsATextOfAnotherKind) {
  EXPECT_FALSE(sketch::parse("").has_value());
  EXPECT_FALSE(sketch::parse(std::string(sketch::registers - 1, '0')).has_value());
  EXPECT_FALSE(sketch::parse(std::string(sketch::registers, ' ')).has_value());
  EXPECT_FALSE(sketch::parse(std::string(sketch::registers, 'h')).has_value());
}

}  // namespace
}  // namespace heddle::check
