// Records the calls that clients make at the same time, and judges whether they can be explained one after the other.
//
//     HEDDLE_TEST(Register, IsLinearizable) {
//       heddle::check::call_log<register_specification> log(2);
//       my_register tested;
//       std::thread other([&] { log.record(1, 5, [&] { return tested.write(5); }); });
//       log.record(0, std::nullopt, [&] { return tested.read(); });
//       other.join();
//       log.check();  // fails the execution, with the history drawn
//     }
//
// How it works. A moment is a number from one atomic counter, taken before a call and after it. Taking one is a
// scheduling point, so that a thread can be held up between two calls. It also orders: whatever a call did happens
// before the calls that are invoked after it returned. Clients could not know that it had returned otherwise. So of
// weak memory orders only what shows in calls that overlap counts against the object, and of its data races those are
// found that overlapping calls have.
//
// Thread safety: clients may record at the same time, each its own calls. history() and check() need all of them to
// have ended, as by join.
//
// Limits: a call that is abandoned, as by cancellation, or by an exception, is taken for one that never returned.
#pragma once

#include "heddle/check/linearizability.hpp"
#include "heddle/sim/current.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

namespace heddle::check {

namespace detail {

// What is wrong with the history, kept until the next call; null if nothing is.
const std::string* wrong_with(linearizability judged);

// Abandons the execution; outside of one, prints the text and aborts.
[[noreturn]] void history_failed(const std::string& text, const char* file, unsigned line);

}  // namespace detail

template <sequential_specification Specification>
class call_log {
 public:
  using operation = typename Specification::operation;
  using result = typename Specification::result;

  // Clients have numbers from 0.
  explicit call_log(std::uint32_t clients) : calls_(clients) {}

  // Makes the call `run()` for the client, and returns what it returns.
  template <std::invocable Run>
  result record(std::uint32_t client, operation what, Run&& run) {
    const std::size_t which = invoked(client, std::move(what));
    result got = std::invoke(std::forward<Run>(run));
    returned(client, which, got);
    return got;
  }

  // The same in two steps, for calls that are awaited in between. Returns which call of the client it is.
  std::size_t invoked(std::uint32_t client, operation what) {
    calls_[client].push_back({client, std::move(what), now()});
    return calls_[client].size() - 1;
  }
  void returned(std::uint32_t client, std::size_t which, result got) {
    call<Specification>& one = calls_[client][which];
    one.result.emplace(std::move(got));
    one.returned = now();
  }

  check::history<Specification> history() const {
    check::history<Specification> all;
    for (const auto& of_client : calls_) all.insert(all.end(), of_client.begin(), of_client.end());
    return all;
  }

  // Fails the execution unless the history is linearizable.
  void check(const linearizability_options& chosen = {},
             std::source_location where = std::source_location::current()) const {
    const std::string* wrong = nullptr;
    {
      // What the model does is no part of the execution.
      const sim::host_scope outside;
      wrong = detail::wrong_with(check_linearizability<Specification>(history(), chosen));
    }
    if (wrong != nullptr) detail::history_failed(*wrong, where.file_name(), static_cast<unsigned>(where.line()));
  }

 private:
  std::uint64_t now() noexcept { return clock_.fetch_add(1, std::memory_order_acq_rel); }

  std::atomic<std::uint64_t> clock_{0};  // moments taken so far; by any client
  std::vector<std::vector<call<Specification>>> calls_;
};

}  // namespace heddle::check
