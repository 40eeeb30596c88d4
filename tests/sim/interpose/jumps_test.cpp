// The shadow call stack after jumps, which leave functions without a word.
#include "expect_sound.hpp"

#include <cstddef>
#include <thread>

#include <setjmp.h>

extern "C" std::size_t __tsan_testonly_shadow_stack_current_size();

namespace heddle::sim::testing {
namespace {

[[gnu::noinline]] void jump_from_a_depth_of(int left, jmp_buf& target) {
  if (left < 0) return;
  if (left == 0) longjmp(target, 1);
  jump_from_a_depth_of(left - 1, target);
  asm volatile("");  // so that the call above is none in tail position
}

[[gnu::noinline]] void jump_with_mask_from_a_depth_of(int left, sigjmp_buf& target) {
  if (left < 0) return;
  if (left == 0) siglongjmp(target, 1);
  jump_with_mask_from_a_depth_of(left - 1, target);
  asm volatile("");
}

// Frames that are too many on the stack after a jump over ten of them.
[[gnu::noinline]] std::ptrdiff_t left_by_a_jump(bool with_mask) {
  jmp_buf target;
  sigjmp_buf target_with_mask;
  const std::size_t before = __tsan_testonly_shadow_stack_current_size();
  if (with_mask) {
    if (sigsetjmp(target_with_mask, 1) == 0) jump_with_mask_from_a_depth_of(10, target_with_mask);
  } else {
    if (setjmp(target) == 0) jump_from_a_depth_of(10, target);
  }
  return static_cast<std::ptrdiff_t>(__tsan_testonly_shadow_stack_current_size() - before);
}

TEST(Jumps, take_the_frames_that_they_leave_off_the_shadow_stack) {
  expect_sound([] {
    const auto jump = [] {
      for (int i = 0; i < 3; ++i) {
        check(left_by_a_jump(false) == 0, "frames are left");
        check(left_by_a_jump(true) == 0, "frames are left");
      }
    };
    std::thread other(jump);
    jump();
    other.join();
  });
}

TEST(Jumps, outside_of_executions_are_as_ever) {
  EXPECT_EQ(left_by_a_jump(false), 0);
  EXPECT_EQ(left_by_a_jump(true), 0);
}

}  // namespace
}  // namespace heddle::sim::testing
