#include "explore/channel.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/mman.h>
#include <unistd.h>

namespace heddle::check {

namespace {

// Far above what a program gets when it opens files: the numbers it sees are those it sees without the channel.
constexpr int descriptor_min = 900;
constexpr std::string_view inherited = "/proc/self/fd/";

template <std::size_t Size>
void put(std::array<char, Size>& field, std::string_view text) {
  const std::size_t count = text.copy(field.data(), Size - 1);
  field[count] = '\0';
}

int open_high(const std::string& path) {
  const int low = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (low < 0) return -1;
  const int high = fcntl(low, F_DUPFD_CLOEXEC, descriptor_min);
  if (high < 0) return low;
  close(low);
  return high;
}

std::string event_of(std::string_view event, std::string_view test, std::int64_t milliseconds) {
  const nlohmann::ordered_json object{{"event", event}, {"test", test}, {"ms", milliseconds}};
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

channel* channel::open(const std::string& path, std::string& why) {
  const int descriptor = open_high(path);
  if (descriptor < 0) {
    why = std::strerror(errno);
    return nullptr;
  }
  if (path.starts_with(inherited)) close(std::atoi(path.c_str() + inherited.size()));
  void* const page = ftruncate(descriptor, channel_page_size) == 0
                         ? mmap(nullptr, channel_page_size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
                         : MAP_FAILED;
  if (page == MAP_FAILED) {
    why = std::strerror(errno);
    close(descriptor);
    return nullptr;
  }
  auto* const shared = static_cast<channel_page*>(page);
  shared->magic.store(channel_magic, std::memory_order_release);
  // Never closed: what is said last is said when the process ends.
  return new channel(shared, descriptor);
}

void channel::exploration_begins(const std::string& name, std::string_view token) {
  put(page_->name, name);
  // The fields of a token up to the seed: what follows are the number of the schedule and the check.
  const std::size_t number = token.substr(0, token.rfind('-')).rfind('-');
  put(page_->token_head, token.substr(0, number));
  page_->exploring.fetch_add(1, std::memory_order_release);
}

void channel::test_begins(const std::string& test) {
  say(event_of("test", test, 0));
}

void channel::test_ended(const std::string& test, test_outcome outcome, std::int64_t milliseconds) {
  constexpr std::array names{"passed", "failed", "skipped"};
  say(event_of(names[static_cast<std::size_t>(outcome)], test, milliseconds));
}

void channel::report_whole(std::string_view json) {
  say(fmt::format(R"({{"event":"report","report":{}}})", json));
}

void channel::report_finding(std::string_view json) {
  say(fmt::format(R"({{"event":"finding","report":{}}})", json));
}

void channel::say(std::string_view event) {
  const std::string line = std::string(event) + '\n';
  for (std::size_t at = 0; at < line.size();) {
    const ssize_t count = pwrite(descriptor_, line.data() + at, line.size() - at, static_cast<off_t>(end_ + at));
    if (count <= 0 && errno != EINTR) return;
    if (count > 0) at += static_cast<std::size_t>(count);
  }
  end_ += line.size();
}

channel* current_channel() {
  static channel* const opened = []() -> channel* {
    const char* const path = std::getenv("HEDDLE_CHANNEL");
    if (path == nullptr || *path == '\0') return nullptr;
    std::string why;
    channel* const made = channel::open(path, why);
    if (made == nullptr) fmt::print(stderr, "heddle: note: HEDDLE_CHANNEL={}: {}\n", path, why);
    return made;
  }();
  return opened;
}

}  // namespace heddle::check
