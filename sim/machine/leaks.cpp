// What an execution leaves behind for ever: blocks that nothing leads to any more at its end, and coroutines among them
// that are never destroyed.
//
// How it works. When an execution ends with blocks alive, they are searched for as leak checkers do it, in what costs
// least first: the stacks, registers and thread_local variables of threads that have not ended, the variables of the
// loaded modules; then, with the blocks that earlier executions left, all memory that the process can write to. What
// was not found there is lost. A function-local static, a cache, or what a thread left behind by the body still uses,
// is found.
//
// Lost blocks that are coroutine frames, or hold a task that has not ended, are a frame-leak, with all that they lead
// to and that leads to them; the others are a memory-leak. Of both only those are shown that no other lost block leads
// to.
//
// The variables of the main thread count as if it had not ended, as they do elsewhere.
//
// Limits: those of pointer_search.hpp and coroutine_frame.hpp. A pointer that happens to be left in an unused place
// hides a leak.
#include "../memory/coroutine_frame.hpp"
#include "../memory/lost_blocks.hpp"
#include "../memory/stack_depot.hpp"
#include "execution.hpp"

#include <algorithm>
#include <string>

namespace heddle::sim {

namespace {

// Allocation sites that a report shows.
constexpr std::size_t sites_max = 8;

template <typename Object>
memory_range bytes_in(const Object& object) noexcept {
  const auto begin = reinterpret_cast<std::uintptr_t>(&object);
  return {.begin = begin, .end = begin + sizeof(Object)};
}

template <typename Element>
memory_range elements_of(const host_vector<Element>& all) noexcept {
  const auto begin = reinterpret_cast<std::uintptr_t>(all.data());
  return {.begin = begin, .end = begin + all.size() * sizeof(Element)};
}

// Blocks of one allocation site.
struct site {
  std::uint32_t allocated_at = 0;
  coroutine_state coroutine = coroutine_state::no_coroutine;
  std::size_t first = 0;  // number of the first of them
  std::size_t blocks = 0;
  std::size_t bytes = 0;

  void add(const live_block& one) noexcept {
    ++blocks;
    bytes += one.size;
  }
};

coroutine_state coroutine_in(const live_block& one) noexcept {
  return coroutine_at(reinterpret_cast<const void*>(one.begin), one.size);
}

// Those in the set by site, the largest first, and where sizes are equal, the earliest.
host_vector<site> sites_of(const lost_blocks& lost, const lost_blocks::set& shown) {
  host_vector<site> sites;
  for (std::size_t number = 0; number < lost.size(); ++number) {
    if (shown[number] == 0) continue;
    const live_block& one = lost[number];
    const coroutine_state coroutine = coroutine_in(one);
    const auto known = std::find_if(sites.begin(), sites.end(), [&](const site& made) {
      return made.allocated_at == one.allocated_at && made.coroutine == coroutine;
    });
    site& of =
        known != sites.end()
            ? *known
            : sites.emplace_back(site{.allocated_at = one.allocated_at, .coroutine = coroutine, .first = number});
    of.add(one);
  }
  std::sort(sites.begin(), sites.end(), [](const site& one, const site& other) {
    return one.bytes != other.bytes ? one.bytes > other.bytes : one.first < other.first;
  });
  return sites;
}

site all_of(const lost_blocks& lost, const lost_blocks::set& wanted) {
  site all;
  for (std::size_t number = 0; number < lost.size(); ++number) {
    if (wanted[number] != 0) all.add(lost[number]);
  }
  return all;
}

lost_blocks::set difference(lost_blocks::set of, const lost_blocks::set& without) {
  for (std::size_t number = 0; number < of.size(); ++number) of[number] = of[number] != 0 && without[number] == 0;
  return of;
}

// Such as "a block of 24 bytes", or "3 blocks of together 72 bytes".
std::string counted(const site& what, const char* noun) {
  const std::string bytes = std::to_string(what.bytes) + (what.bytes == 1 ? " byte" : " bytes");
  if (what.blocks == 1) return std::string{"a "} + noun + " of " + bytes;
  return std::to_string(what.blocks) + " " + noun + "s of together " + bytes;
}

std::string made_by(const site& what) {
  switch (what.coroutine) {
    case coroutine_state::suspended:
      return "called a coroutine that is suspended since, with " + counted(what, "frame");
    case coroutine_state::done:
      return "called a coroutine that is done since, with " + counted(what, "frame");
    case coroutine_state::no_coroutine:
      break;
  }
  return "allocated " + counted(what, "block");
}

void add_sites(failure& to, const host_vector<site>& sites) {
  for (std::size_t i = 0; i < sites.size() && i < sites_max; ++i) {
    const stack_depot::entry* const made = allocation_stacks().find(sites[i].allocated_at);
    if (made == nullptr) continue;
    to.related.push_back({.title = "thread " + std::to_string(made->thread) + ", where it " + made_by(sites[i]),
                          .stack = call_stack(made->frames, made->frames + made->depth)});
  }
  if (sites.size() > sites_max)
    to.message += "\n" + std::to_string(sites.size()) + " places allocated them; the " + std::to_string(sites_max) +
                  " with the most bytes are shown";
}

// What a loss is called: "is leaked: nothing leads to it when the execution ends".
std::string lost_when_it_ends(const site& what, const char* verb) {
  const bool one = what.blocks == 1;
  return std::string{one ? " is " : " are "} + verb + ": nothing leads to " + (one ? "it" : "them") +
         " when the execution ends";
}

failure memory_leak(const lost_blocks& lost, const lost_blocks::set& shown, const lost_blocks::set& with_them) {
  const site all = all_of(lost, shown);
  const site more = all_of(lost, with_them);
  failure made;
  made.kind = failure_kind::memory_leak;
  made.message = counted(all, "block") + lost_when_it_ends(all, "leaked");
  if (more.blocks != 0)
    made.message += ", nor to " + counted(more, "block") + " but by way of " + (all.blocks == 1 ? "it" : "them");
  add_sites(made, sites_of(lost, shown));
  return made;
}

failure frame_leak(const lost_blocks& lost, const lost_blocks::set& frames, const lost_blocks::set& with_them,
                   std::vector<task_state> tasks) {
  const site all = all_of(lost, frames);
  const site more = all_of(lost, with_them);
  failure made;
  made.kind = failure_kind::frame_leak;
  if (tasks.empty()) {
    made.message = counted(all, "coroutine frame") + lost_when_it_ends(all, "never destroyed");
  } else {
    const std::size_t count = tasks.size();
    made.message =
        count == 1 ? "task " + std::to_string(tasks[0].id) + " never ends" : std::to_string(count) + " tasks never end";
    made.message += std::string{": nothing leads to "} + (count == 1 ? "it" : "them") + " when the execution ends";
  }
  if (more.blocks != 0) made.message += ", with " + counted(more, "block") + " around";
  made.message += "\nwhoever is given the handle of a suspended coroutine has to resume or to destroy it";
  made.tasks = std::move(tasks);
  return made;
}

}  // namespace

void execution::find_leaks() {
  if (!looks_for_leaks_ || result_.abandoned || !result_.failures.empty()) return;
  if (execution_memory().live_blocks() == 0) return;
  host_vector<live_block> lost = execution_memory().blocks();
  if (lost.empty()) return;
  pointer_search first(lost);
  look_in_threads(first);
  search_modules(first);
  if (first.reached_all()) return;
  lost = execution_memory().all_blocks();
  pointer_search everywhere(lost);
  look_in_threads(everywhere);
  if (!search_process(everywhere)) return;
  std::erase_if(lost, [](const live_block& one) { return one.reached || !one.of_this_execution; });
  if (!lost.empty()) report_lost(lost);
}

void execution::look_in_threads(pointer_search& from) const {
  for (thread_id id = 0; id < threads_.size(); ++id) {
    const virtual_thread& thread = *threads_[id];
    if (thread.id != id) continue;
    from.look_in(bytes_in(thread.result));
    if (id != 0 && thread.state == run_state::finished) continue;
    tls_.for_each_kept(thread.tls, [&](const void* variables, std::size_t size) {
      const auto begin = reinterpret_cast<std::uintptr_t>(variables);
      from.look_in({.begin = begin, .end = begin + size});
    });
    from.look_in(elements_of(thread.keys));
    if (thread.state == run_state::finished) continue;
    from.look_in(bytes_in(thread));
    from.look_in(elements_of(thread.destructors));
    from.look_in({.begin = reinterpret_cast<std::uintptr_t>(thread.context),
                  .end = reinterpret_cast<std::uintptr_t>(thread.stack_bottom) + thread.stack_size});
  }
  from.follow();
}

void execution::report_lost(host_vector<live_block>& blocks) {
  const lost_blocks lost(blocks);
  lost_blocks::set frames(lost.size(), 0);
  for (std::size_t number = 0; number < lost.size(); ++number) {
    frames[number] = coroutine_in(lost[number]) != coroutine_state::no_coroutine;
  }
  lost_blocks::set around = frames;
  std::vector<task_state> tasks;
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    if (tasks_[i].condition == task_condition::ended) continue;
    const std::size_t number = lost.number_around(reinterpret_cast<std::uintptr_t>(tasks_[i].address));
    if (number == lost.size()) continue;
    around[number] = 1;
    tasks.push_back(state_of(tasks_[i]));
  }
  lost.add_sources(around);
  lost.add_targets(around);
  const lost_blocks::set roots = lost.roots(around);
  if (all_of(lost, around).blocks != 0) {
    failure made = frame_leak(lost, frames, difference(around, frames), std::move(tasks));
    add_sites(made, sites_of(lost, frames));
    result_.failures.push_back(std::move(made));
  }
  if (all_of(lost, roots).blocks == 0) return;
  lost_blocks::set all_but_those = around;
  for (std::size_t number = 0; number < lost.size(); ++number) {
    if (roots[number] != 0) all_but_those[number] = 1;
  }
  const lost_blocks::set every(lost.size(), 1);
  result_.failures.push_back(memory_leak(lost, roots, difference(every, all_but_those)));
}

}  // namespace heddle::sim
