#include "explore/pace.hpp"

#include <cstdio>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace heddle::check {

namespace {

constexpr auto look_often = std::chrono::milliseconds(1);
constexpr auto look_seldom = std::chrono::milliseconds(10);
constexpr std::uint64_t stride_max = 1U << 16;
constexpr auto quiet_at_first = std::chrono::seconds(2);
constexpr auto between_lines = std::chrono::seconds(1);

}  // namespace

pace::pace(const limits& limit, std::string name, bool on_terminal, std::function<std::string()> more)
    : limit_(limit),
      name_(std::move(name)),
      on_terminal_(on_terminal),
      more_(std::move(more)),
      begun_(clock::now()),
      last_look_(begun_),
      next_line_(begun_ + quiet_at_first) {
  if (limit_.time.count() == 0 && !on_terminal_) next_look_ = std::numeric_limits<std::uint64_t>::max();
}

pace::~pace() {
  if (shown_) fmt::print(stderr, "\r\033[K");
}

bool pace::look(std::uint64_t done) {
  const clock::time_point now = clock::now();
  if (limit_.time.count() != 0 && now - begun_ >= limit_.time) return done == 0;
  const auto since = now - last_look_;
  if (done > 0 && since < look_often && stride_ < stride_max) stride_ *= 2;
  if (since > look_seldom && stride_ > 1) stride_ /= 2;
  last_look_ = now;
  next_look_ = done + stride_;
  if (on_terminal_ && now >= next_line_) show(done, now);
  return true;
}

void pace::show(std::uint64_t done, clock::time_point now) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - begun_).count();
  const std::string of = limit_.schedules == 0 ? std::string() : fmt::format(" of {}", limit_.schedules);
  fmt::print(stderr, "\r\033[Kheddle: {}: {}{} schedules, {}, {} s", name_, done, of, more_(), seconds);
  std::fflush(stderr);
  next_line_ = now + between_lines;
  shown_ = true;
}

}  // namespace heddle::check
