// What earlier executions left behind: which of it the program can still reach, and giving the rest back.
//
// How it works. Between two executions, and only when much has been left behind since the last time, all that the
// process can write to is searched for words that are addresses of survivors, and so are the survivors found that
// way, interior pointers included, as leak checkers do it. A survivor that was reached stays where it is. Of the
// others the pages are given back, and the arena goes on in the largest stretch of addresses without survivors.
//
// So a test that leaks in each schedule costs a bounded amount of memory, and a function-local static, a
// cache or a record of the test framework stays. Without this a survivor would cost a page for the life of the
// process.
//
// Limits.
//   - A pointer that is hidden (compressed, kept in a file, in shared memory or only in the kernel) does not count.
//   - With other OS threads, which go on changing memory during the search, and with more than 16 GiB of writable
//     mappings (ordinary sanitizers), nothing is searched: all survivors stay, and a leak costs its pages.
#include "../machine/stack_slots.hpp"
#include "../machine/state.hpp"
#include "arena.hpp"
#include "shadow.hpp"

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdlib>
#include <span>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace heddle::sim {

namespace {

constexpr std::size_t searched_max = std::size_t{16} << 30;
constexpr std::size_t mappings_max = 16'384;

struct mapping {
  std::uintptr_t begin;
  std::uintptr_t end;
};

// Of the machine itself: stacks of virtual threads, the arena, the shadow.
bool is_ours(const mapping& one) noexcept {
  return one.begin >= reinterpret_cast<std::uintptr_t>(stack_slots::guard_of(0)) &&
         one.end <= shadow_memory::end_address;
}

// Private mappings that can be read and written, but the machine's own. Given up, and empty, when there are more
// than `found` has room for: it must not grow, since from the reading to the end of the search nothing may be mapped
// or unmapped, by libc either.
void find_writable_mappings(host_vector<mapping>& found) {
  const int file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  // Lines are "begin-end rw-p ..."; a path may make one longer than the buffer, its beginning suffices.
  std::array<char, 4096> line{};
  std::size_t length = 0;
  std::array<char, 4096> chunk{};
  for (ssize_t got = 0; (got = read(file, chunk.data(), chunk.size())) > 0;) {
    for (const char letter : std::span(chunk).first(static_cast<std::size_t>(got))) {
      if (letter != '\n') {
        if (length + 1 < line.size()) line[length++] = letter;
        continue;
      }
      line[length] = '\0';
      length = 0;
      char* after = nullptr;
      mapping one{};
      one.begin = std::strtoull(line.data(), &after, 16);
      one.end = std::strtoull(after + 1, &after, 16);
      const bool searched = after[1] == 'r' && after[2] == 'w' && after[4] == 'p';
      if (!searched || is_ours(one)) continue;
      if (found.size() == found.capacity()) {
        found.clear();
        close(file);
        return;
      }
      found.push_back(one);
    }
  }
  close(file);
}

// A search for addresses of blocks. The blocks are sorted by address.
template <typename Block>
class search {
 public:
  explicit search(host_vector<Block>& blocks) : blocks_(blocks) {}

  void look_in(std::uintptr_t begin, std::uintptr_t end) {
    const std::uintptr_t low = blocks_.front().begin();
    const std::uintptr_t span = blocks_.back().end() - low;
    for (std::uintptr_t at = (begin + 7) & ~std::uintptr_t{7}; at + 8 <= end; at += 8) {
      // Volatile: no matter what the compiler thinks is there.
      const std::uintptr_t word = *reinterpret_cast<const volatile std::uintptr_t*>(at);
      if (word - low < span) reach(word);
    }
  }

  // Follows what was reached until there is no more.
  void follow() {
    while (pending_ != nullptr) {
      const Block* const one = pending_;
      pending_ = one->next_pending;
      look_in(one->begin(), one->end());
    }
  }

 private:
  // The end does not count: it is the address of the next header, which the arena's own records hold.
  void reach(std::uintptr_t word) {
    const auto after = std::upper_bound(blocks_.begin(), blocks_.end(), word,
                                        [](std::uintptr_t value, const Block& one) { return value < one.begin(); });
    if (after == blocks_.begin()) return;
    Block& one = *std::prev(after);
    if (one.reached || word >= one.end()) return;
    one.reached = true;
    one.next_pending = pending_;
    pending_ = &one;
  }

  host_vector<Block>& blocks_;
  const Block* pending_ = nullptr;  // reached and not looked into
};

// Apart, so that registers that hold a pointer are on the stack, which is searched.
template <typename Block>
[[gnu::noinline]] void search_all(search<Block>& from, const host_vector<mapping>& everywhere) {
  std::jmp_buf registers;
  setjmp(registers);
  for (const mapping& one : everywhere) from.look_in(one.begin, one.end);
  from.follow();
}

}  // namespace

std::uintptr_t arena::survivor::begin() const noexcept {
  return block->payload();
}

std::uintptr_t arena::survivor::end() const noexcept {
  return block->payload() + class_size(block->size_class);
}

void arena::look_through_survivors() noexcept {
  host_vector<survivor> all;
  const auto add_live = [&](header& one) {
    if (state_of(one) == block_state::live) all.push_back({.block = &one, .next_pending = nullptr, .reached = false});
  };
  for (header* const one : kept_) add_live(*one);
  for (const range& one : left_behind_) each_block(one, add_live);
  std::sort(all.begin(), all.end(), [](const survivor& a, const survivor& b) { return a.block < b.block; });
  mark_reachable(all);
  give_back_unreached(all);
}

void arena::mark_reachable(host_vector<survivor>& all) noexcept {
  if (all.empty()) return;
  host_vector<mapping> everywhere;
  everywhere.reserve(mappings_max);
  find_writable_mappings(everywhere);
  std::size_t size = 0;
  for (const mapping& one : everywhere) size += one.end - one.begin;
  if (everywhere.empty() || size > searched_max || !__atomic_load_n(&detail::one_os_thread, __ATOMIC_RELAXED)) {
    for (survivor& one : all) one.reached = true;
    return;
  }
  search<survivor> from(all);
  search_all(from, everywhere);
}

// Keeps the pages of the survivors that were reached, and goes on in the largest gap between them.
void arena::give_back_unreached(const host_vector<survivor>& all) noexcept {
  kept_.clear();
  std::size_t kept_bytes = 0;
  range widest{};
  std::uintptr_t free_from = base_address;
  const auto gap_until = [&](std::uintptr_t end) {
    if (end > free_from && end - free_from > widest.end - widest.begin) widest = {.begin = free_from, .end = end};
  };
  for (const survivor& one : all) {
    if (!one.reached) continue;
    kept_.push_back(one.block);
    const std::uintptr_t begin = reinterpret_cast<std::uintptr_t>(one.block) & ~(page - 1);
    give_back(free_from, begin);
    gap_until(begin);
    free_from = (one.end() + page - 1) & ~(page - 1);
    kept_bytes += free_from - begin;
  }
  give_back(free_from, touched_);
  gap_until(base_address + region_size);
  for (const range& one : left_behind_) shadow_memory::release(one.begin, one.end - one.begin);
  left_behind_.clear();
  left_behind_bytes_ = 0;
  look_through_at_ = std::max(left_behind_max, kept_bytes);
  touched_ = widest.begin;
  used_max_ = 0;
  start_.store(widest.begin, std::memory_order_relaxed);
  limit_.store(widest.end, std::memory_order_relaxed);
}

void arena::give_back(std::uintptr_t begin, std::uintptr_t end) noexcept {
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

}  // namespace heddle::sim
