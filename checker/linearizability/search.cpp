// The search for an order of calls that explains a history.
//
// How it works. Calls that do not overlap are put into chains, as few as there are calls that overlap at one moment. In
// any order that respects time, the calls of a chain come one after the other, so how far each chain has come, and the
// state of the model, are all that matters for the rest of the search (a position). From a position, a call may come
// next if it is the first left of its chain and was invoked before any call that is left returned (Wing and Gong). The
// search goes into depth, earliest return first, and never into a position twice (Lowe). The chains take the place of
// the sets of calls that Lowe and others keep: a position has a few numbers, however long the history is.
//
// A call that never returned is the last of its chain. It may come next or be left out: the search succeeds when all
// calls that returned have been placed.
//
// Thread safety: none is needed, as all is local to one search.
#include "heddle/check/linearizability.hpp"

#include <algorithm>
#include <numeric>
#include <queue>

namespace heddle::check::detail {

namespace {

using chain = std::vector<std::size_t>;

std::vector<chain> make_chains(std::span<const call_interval> calls) {
  std::vector<std::size_t> by_begin(calls.size());
  std::iota(by_begin.begin(), by_begin.end(), std::size_t{0});
  std::sort(by_begin.begin(), by_begin.end(),
            [&](std::size_t a, std::size_t b) { return calls[a].invoked < calls[b].invoked; });
  std::vector<chain> chains;
  using ending = std::pair<std::uint64_t, std::size_t>;  // when the last call of a chain returned, and which
  std::priority_queue<ending, std::vector<ending>, std::greater<>> ends;
  for (const std::size_t each : by_begin) {
    std::size_t which = chains.size();
    if (!ends.empty() && ends.top().first < calls[each].invoked) {
      which = ends.top().second;
      ends.pop();
    } else {
      chains.emplace_back();
    }
    chains[which].push_back(each);
    ends.emplace(calls[each].returned, which);
  }
  return chains;
}

// A set of rows of numbers, all of one length.
//
// Invariant: slots_ holds the number of each row plus one, at the first free slot from its hash on; half are free.
class row_set {
 public:
  explicit row_set(std::size_t width) : width_(width), slots_(1024) {}

  // Whether the row was not there before.
  bool insert(std::span<const std::uint32_t> row) {
    if (2 * (count_ + 1) > slots_.size()) grow();
    std::uint32_t& slot = slot_of(row);
    if (slot != 0) return false;
    rows_.insert(rows_.end(), row.begin(), row.end());
    slot = static_cast<std::uint32_t>(++count_);
    return true;
  }

 private:
  std::span<const std::uint32_t> row(std::uint32_t slot) const {
    return std::span(rows_).subspan((slot - 1) * width_, width_);
  }

  std::uint32_t& slot_of(std::span<const std::uint32_t> wanted) {
    std::uint64_t hash = 0x9e3779b97f4a7c15U;
    for (const std::uint32_t one : wanted) {
      hash = (hash ^ one) * 0xff51afd7ed558ccdU;
      hash ^= hash >> 32;
    }
    for (std::size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at] == 0 || std::ranges::equal(row(slots_[at]), wanted)) return slots_[at];
    }
  }

  void grow() {
    std::fill(slots_.begin(), slots_.end(), 0U);
    slots_.resize(2 * slots_.size());
    for (std::uint32_t one = 1; one <= count_; ++one) slot_of(row(one)) = one;
  }

  const std::size_t width_;
  std::vector<std::uint32_t> rows_;
  std::vector<std::uint32_t> slots_;
  std::size_t count_ = 0;
};

class search {
 public:
  search(std::span<const call_interval> calls, call_model& model)
      : calls_(calls),
        model_(model),
        chains_(make_chains(calls)),
        position_(chains_.size() + 1),
        seen_(position_.size()) {
    missing_ = static_cast<std::size_t>(
        std::count_if(calls.begin(), calls.end(), [](const call_interval& one) { return one.returned != never; }));
  }

  linearizability run(std::uint64_t steps_max) {
    using enum linearizability::outcome;
    linearizability result;
    if (missing_ > 0) enter(0);
    while (missing_ > 0) {
      if (levels_.empty()) return ended(not_linearizable);
      level& here = levels_.back();
      if (here.next == candidates_.size()) {
        leave();
        continue;
      }
      if (steps_ == steps_max) return ended(undecided);
      ++steps_;
      try_next(here);
    }
    longest_ = std::move(order_);
    return ended(linearizable);
  }

 private:
  // One placed call after the other; the candidates of the last level are at the end of candidates_.
  struct level {
    std::uint32_t state;
    std::size_t begin;  // of its candidates
    std::size_t next;
  };

  linearizability ended(linearizability::outcome how) {
    if (order_.size() > longest_.size()) longest_ = order_;
    return {how, std::move(longest_), steps_, {}};
  }

  const std::size_t* first_left(std::size_t which) const {
    const std::size_t done = position_[which];
    return done < chains_[which].size() ? &chains_[which][done] : nullptr;
  }

  void enter(std::uint32_t state) {
    levels_.push_back({state, candidates_.size(), candidates_.size()});
    std::uint64_t first_return = never;
    for (std::size_t i = 0; i < chains_.size(); ++i) {
      if (const std::size_t* call = first_left(i)) first_return = std::min(first_return, calls_[*call].returned);
    }
    for (std::size_t i = 0; i < chains_.size(); ++i) {
      const std::size_t* call = first_left(i);
      if (call != nullptr && calls_[*call].invoked < first_return) candidates_.push_back(i);
    }
    std::sort(candidates_.begin() + static_cast<std::ptrdiff_t>(levels_.back().begin), candidates_.end(),
              [this](std::size_t a, std::size_t b) {
                return calls_[*first_left(a)].returned < calls_[*first_left(b)].returned;
              });
  }

  void leave() {
    if (order_.size() > longest_.size()) longest_ = order_;
    candidates_.resize(levels_.back().begin);
    levels_.pop_back();
    if (levels_.empty()) return;
    const std::size_t which = candidates_[levels_.back().next - 1];
    --position_[which];
    if (calls_[order_.back()].returned != never) ++missing_;
    order_.pop_back();
  }

  void try_next(level& here) {
    const std::size_t which = candidates_[here.next++];
    const std::size_t call = *first_left(which);
    const std::optional<std::uint32_t> after = model_.step(here.state, call);
    if (!after) return;
    ++position_[which];
    position_.back() = *after;
    if (!seen_.insert(position_)) {
      --position_[which];
      return;
    }
    order_.push_back(call);
    if (calls_[call].returned != never) --missing_;
    enter(*after);
  }

  const std::span<const call_interval> calls_;
  call_model& model_;
  const std::vector<chain> chains_;
  std::vector<std::uint32_t> position_;  // calls placed of each chain, and last the state
  row_set seen_;
  std::vector<level> levels_;
  std::vector<std::size_t> candidates_;  // chains
  std::vector<std::size_t> order_;
  std::vector<std::size_t> longest_;
  std::size_t missing_ = 0;  // calls that returned and are not placed
  std::uint64_t steps_ = 0;
};

}  // namespace

linearizability search_linearization(std::span<const call_interval> calls, call_model& model, std::uint64_t steps_max) {
  return search(calls, model).run(steps_max);
}

std::vector<std::size_t> calls_after(std::span<const call_interval> calls, std::span<const std::size_t> order) {
  std::vector<bool> placed(calls.size());
  for (const std::size_t each : order) placed[each] = true;
  std::uint64_t first_return = never;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (!placed[i]) first_return = std::min(first_return, calls[i].returned);
  }
  std::vector<std::size_t> next;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (!placed[i] && calls[i].returned != never && calls[i].invoked < first_return) next.push_back(i);
  }
  return next;
}

}  // namespace heddle::check::detail
