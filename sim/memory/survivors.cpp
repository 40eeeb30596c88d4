// What earlier executions left behind: which of it the program can still reach, and giving the rest back.
//
// How it works. Between two executions, and only when much has been left behind since the last time, all that the
// process can write to is searched for pointers to survivors, see pointer_search.hpp. A survivor that was reached stays
// where it is. Of the others the pages are given back, and the arena goes on in the largest stretch of addresses
// without survivors.
//
// So a test that leaks in each schedule costs a bounded amount of memory, and a function-local static, a
// cache or a record of the test framework stays. Without this a survivor would cost a page for the life of the
// process.
//
// Limits.
//   - A pointer that is hidden (compressed, kept in a file, in shared memory or only in the kernel) does not count.
//   - With other OS threads, which go on changing memory during the search, and with more than 16 GiB of writable
//     mappings (ordinary sanitizers), nothing is searched: all survivors stay, and a leak costs its pages.
#include "arena.hpp"
#include "pointer_search.hpp"
#include "shadow.hpp"

#include <algorithm>

#include <sys/mman.h>

namespace heddle::sim {

host_vector<live_block> arena::all_blocks() const {
  host_vector<live_block> all = blocks();
  for (live_block& one : all) one.of_this_execution = true;
  const auto add_live = [&](const header& one) {
    if (state_of(one) == block_state::live) all.push_back(live(one));
  };
  for (const header* const one : kept_) add_live(*one);
  for (const memory_range& one : left_behind_) each_block(one, add_live);
  std::sort(all.begin(), all.end(), [](const live_block& a, const live_block& b) { return a.begin < b.begin; });
  return all;
}

void arena::look_through_survivors() noexcept {
  host_vector<live_block> all = all_blocks();
  if (!all.empty() && !search_process(pointer_search(all))) {
    for (live_block& one : all) one.reached = true;
  }
  give_back_unreached(all);
}

// Keeps the pages of the survivors that were reached, and goes on in the largest gap between them.
void arena::give_back_unreached(const host_vector<live_block>& all) noexcept {
  kept_.clear();
  std::size_t kept_bytes = 0;
  memory_range widest{};
  std::uintptr_t free_from = base_address;
  const auto gap_until = [&](std::uintptr_t end) {
    if (end > free_from && end - free_from > widest.end - widest.begin) widest = {.begin = free_from, .end = end};
  };
  for (const live_block& one : all) {
    if (!one.reached) continue;
    header* const block = reinterpret_cast<header*>(one.begin) - 1;
    kept_.push_back(block);
    const std::uintptr_t begin = reinterpret_cast<std::uintptr_t>(block) & ~(page - 1);
    give_back(free_from, begin);
    gap_until(begin);
    free_from = (one.end + page - 1) & ~(page - 1);
    kept_bytes += free_from - begin;
  }
  give_back(free_from, base_address + touched_);
  gap_until(base_address + region_size);
  for (const memory_range& one : left_behind_) shadow_memory::release(one.begin, one.end - one.begin);
  left_behind_.clear();
  left_behind_bytes_ = 0;
  look_through_at_ = std::max(left_behind_max, kept_bytes);
  touched_ = widest.begin - base_address;
  used_max_ = 0;
  start_.store(widest.begin, std::memory_order_relaxed);
  limit_.store(widest.end, std::memory_order_relaxed);
}

void arena::give_back(std::uintptr_t begin, std::uintptr_t end) noexcept {
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

}  // namespace heddle::sim
