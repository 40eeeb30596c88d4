// Who keeps freed blocks: see costs/costs_test.cpp for which, and how many.
#include "heddle/runtime/detail/frame_pool.hpp"

#include <gtest/gtest.h>

namespace heddle::detail {
namespace {

#if HEDDLE_CHECKED || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_watched = true;
#else
constexpr bool is_watched = false;
#endif

TEST(frame_pool, keeps_blocks_where_nobody_watches_what_is_freed) {
  frame_pool::free(frame_pool::allocate(200), 200);
  EXPECT_EQ(frame_pool::kept(200) > 0, !is_watched);
}

}  // namespace
}  // namespace heddle::detail
