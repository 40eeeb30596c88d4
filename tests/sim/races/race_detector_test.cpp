// The detector itself, access by access: bytes, readers, atomic operations, and what is forgotten.
#include "races/race_detector.hpp"

#include <array>

#include <gtest/gtest.h>

namespace heddle::sim {
namespace {

// Two or three actors whose clocks the test moves by hand, and one granule.
class Granule : public ::testing::Test {
 protected:
  Granule() {
    for (actor_id actor = 0; actor < 3; ++actor) clocks_.at(actor).set(actor, 1);
  }

  // Whether it races.
  bool access(actor_id actor, race_access kind, std::uint8_t bytes = 0xff) {
    return detector_.access(cell_, 1, of(actor, kind, bytes), clocks_.at(actor));
  }
  observed_access of(actor_id actor, race_access kind, std::uint8_t bytes = 0xff) {
    return {.stamp = stamp::make(actor, clocks_.at(actor).at(actor)), .bytes = bytes, .kind = kind, .place = ++place_};
  }
  // The same of a write that is entered all the same.
  bool writes_in_spite(actor_id actor) {
    const bool raced = writes(actor);
    detector_.enter_beside(cell_, 1, of(actor, race_access::write), clocks_.at(actor));
    return raced;
  }
  bool reads(actor_id actor, std::uint8_t bytes = 0xff) { return access(actor, race_access::read, bytes); }
  bool writes(actor_id actor, std::uint8_t bytes = 0xff) { return access(actor, race_access::write, bytes); }

  // What `from` did so far happens before what `to` does from now on.
  void order(actor_id from, actor_id to) {
    clocks_.at(to).join(clocks_.at(from));
    clocks_.at(from).set(from, clocks_.at(from).at(from) + 1);
  }

  race_detector detector_;
  access_cell cell_;
  std::array<vector_clock, 3> clocks_;
  std::uint32_t place_ = 0;
};

TEST_F(Granule, two_writes_race_unless_they_are_ordered) {
  EXPECT_FALSE(writes(0));
  EXPECT_TRUE(writes(1));
  EXPECT_EQ(detector_.conflict().actor, 0);
  EXPECT_EQ(detector_.conflict().place, 1u);
  order(0, 2);
  EXPECT_FALSE(writes(2));
}

TEST_F(Granule, a_write_races_with_a_read_in_either_order_of_execution) {
  EXPECT_FALSE(reads(0));
  EXPECT_TRUE(writes(1));
  EXPECT_EQ(detector_.conflict().kind, race_access::read);
  order(0, 1);
  EXPECT_FALSE(writes(1));
  EXPECT_TRUE(reads(2));
  EXPECT_EQ(detector_.conflict().kind, race_access::write);
}

TEST_F(Granule, reads_do_not_race) {
  EXPECT_FALSE(reads(0));
  EXPECT_FALSE(reads(1));
  EXPECT_FALSE(reads(2));
}

TEST_F(Granule, a_write_races_with_each_of_several_readers) {
  EXPECT_FALSE(reads(0));
  EXPECT_FALSE(reads(1));
  order(1, 2);
  EXPECT_TRUE(writes(2));
  EXPECT_EQ(detector_.conflict().actor, 0);
  order(0, 2);
  EXPECT_FALSE(writes(2));
}

TEST_F(Granule, other_bytes_are_another_matter) {
  EXPECT_FALSE(writes(0, 0x0f));
  EXPECT_FALSE(writes(1, 0xf0));
  EXPECT_FALSE(writes(2, 0x00));
  EXPECT_TRUE(writes(1, 0x08));
  EXPECT_TRUE(writes(0, 0x10));
  EXPECT_EQ(detector_.conflict().bytes, 0x10);
}

TEST_F(Granule, bytes_that_were_accessed_together_are_told_apart_when_need_be) {
  EXPECT_FALSE(writes(0, 0xff));
  order(0, 1);
  EXPECT_FALSE(writes(1, 0x03));
  // Only the two bytes that 1 has written are news to 2.
  order(0, 2);
  EXPECT_FALSE(reads(2, 0xfc));
  EXPECT_TRUE(reads(2, 0xff));
  EXPECT_EQ(detector_.conflict().actor, 1);
}

TEST_F(Granule, readers_survive_when_bytes_are_told_apart) {
  EXPECT_FALSE(reads(0, 0xff));
  EXPECT_FALSE(reads(1, 0xff));
  order(0, 2);
  EXPECT_TRUE(writes(2, 0x01));
  EXPECT_TRUE(writes(2, 0x80));
  EXPECT_EQ(detector_.conflict().actor, 1);
}

TEST_F(Granule, atomic_operations_race_with_plain_accesses_only) {
  EXPECT_FALSE(access(0, race_access::atomic_store));
  EXPECT_FALSE(access(1, race_access::atomic_store));
  EXPECT_FALSE(access(1, race_access::atomic_load));
  EXPECT_TRUE(reads(2));
  order(0, 2);
  EXPECT_TRUE(reads(2));
  order(1, 2);
  EXPECT_FALSE(writes(2));
  EXPECT_TRUE(access(0, race_access::atomic_load));
}

TEST_F(Granule, an_atomic_load_does_not_race_with_a_plain_read) {
  EXPECT_FALSE(access(0, race_access::atomic_load));
  EXPECT_FALSE(reads(1));
  EXPECT_TRUE(writes(1));
  EXPECT_EQ(detector_.conflict().kind, race_access::atomic_load);
}

TEST_F(Granule, an_ordered_write_stands_for_all_before_it) {
  EXPECT_FALSE(reads(0));
  order(0, 1);
  EXPECT_FALSE(writes(1));
  order(1, 2);
  EXPECT_FALSE(writes(2));
}

TEST_F(Granule, a_cell_of_an_earlier_execution_is_forgotten) {
  EXPECT_FALSE(writes(0));
  const observed_access now{.stamp = stamp::make(1, 1), .bytes = 0xff, .kind = race_access::write, .place = 1};
  EXPECT_FALSE(detector_.access(cell_, 2, now, clocks_.at(1)));
}

// ---------------------------------------------------------------- after a race that is gone on after

TEST_F(Granule, an_access_that_raced_stays_known_beside_the_one_that_is_entered) {
  EXPECT_FALSE(writes(0));
  EXPECT_TRUE(writes_in_spite(1));
  order(1, 2);
  EXPECT_TRUE(reads(2)) << "it is ordered after the second write, not after the first";
  EXPECT_EQ(detector_.conflict().actor, 0);
  EXPECT_EQ(detector_.conflict().kind, race_access::write);
  order(0, 2);
  EXPECT_FALSE(reads(2));
}

TEST_F(Granule, a_reader_that_raced_stays_known) {
  EXPECT_FALSE(reads(0));
  EXPECT_TRUE(writes_in_spite(1));
  order(1, 2);
  EXPECT_FALSE(reads(2));
  EXPECT_TRUE(writes(2));
  EXPECT_EQ(detector_.conflict().kind, race_access::read);
}

TEST_F(Granule, an_atomic_load_is_compared_with_a_write_that_raced_before) {
  EXPECT_FALSE(writes(0));
  EXPECT_TRUE(writes_in_spite(1));
  order(1, 2);
  EXPECT_TRUE(access(2, race_access::atomic_load));
}

TEST_F(Granule, all_that_an_access_races_with_is_told) {
  EXPECT_FALSE(reads(0));
  EXPECT_FALSE(reads(1));
  EXPECT_TRUE(writes(2));
  EXPECT_EQ(detector_.conflicts_of(cell_, of(2, race_access::write), clocks_[2]).size(), 2u);
}

TEST_F(Granule, the_latest_of_an_actors_accesses_is_the_one_that_stays_known) {
  EXPECT_FALSE(reads(0));
  EXPECT_FALSE(reads(2)) << "which moves the first read to the list";
  order(0, 1);
  EXPECT_FALSE(reads(0));
  EXPECT_TRUE(writes_in_spite(2));
  order(2, 1);
  EXPECT_TRUE(writes(1)) << "it is ordered after the earlier of the two reads alone";
  EXPECT_EQ(detector_.conflict().kind, race_access::read);
}

}  // namespace
}  // namespace heddle::sim
