// What a test binary and the `heddle` command share while an exploration runs: the layout of the channel.
//
// How it works. The channel is a file that both have open, one without a name as a rule. It begins with this page,
// which both map, so that it says what the process was about to do even if it was killed in the middle. Behind the page
// stand events, one JSON object a line, appended by the test binary.
//
// Thread safety: one thread of the test binary writes, and the other process may read at any time. The fields are
// independent of each other, so all accesses are relaxed; what must be whole (the texts) is written before `exploring`
// is set with release, which its reader acquires.
#pragma once

#include "explore/sketch.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace heddle::check {

inline constexpr std::uint64_t channel_magic = 0x68656464'6c650001;  // "heddle", version 1
inline constexpr std::size_t channel_page_size = 4096;

struct channel_page {
  // 0 until the test binary has mapped the page, then channel_magic.
  std::atomic<std::uint64_t> magic;
  // Explorations that began in this process. Set last, after what it is about.
  std::atomic<std::uint64_t> exploring;
  // Schedules that began in this process, and the number of the one that runs now within its exploration.
  std::atomic<std::uint64_t> schedules;
  std::atomic<std::uint64_t> schedule;
  // Of the exploration that runs: its name, and the token of any schedule up to the number.
  std::array<char, 512> name;
  std::array<char, 512> token_head;
  // Of the schedules of all explorations in this process.
  sketch seen;
};

static_assert(sizeof(channel_page) <= channel_page_size);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

}  // namespace heddle::check
