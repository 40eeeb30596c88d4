// Small random programs, and the search of all their interleavings that other searches are compared with.
#pragma once

#include "heddle/sim/machine.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <semaphore.h>

namespace heddle::check::testing_programs {

// All threads at once, with their numbers from 0.
inline void in_threads(std::size_t count, const std::function<void(std::size_t)>& body) {
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) threads.emplace_back([&body, i] { body(i); });
  for (std::thread& one : threads) one.join();
}

// Random numbers that make a program.
class small_generator {
 public:
  explicit small_generator(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15U + 1) {}

  std::uint32_t below(std::uint32_t bound) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<std::uint32_t>((state_ >> 33) % bound);
  }

 private:
  std::uint64_t state_;
};

// A random program of few threads over few objects, and what one execution of it did: per object, what was done to it
// in which order, where reads next to each other have none. Executions with the same text are equivalent, and no others
// are.
class random_program {
 public:
  static constexpr std::uint32_t kinds_with_classes = 6;
  // With all kinds the text tells what came of an execution, and no more.
  static constexpr std::uint32_t kinds_all = 10;

  random_program(std::uint64_t seed, std::uint32_t kinds)
      : random_program(seed, [kinds](small_generator& numbers) { return numbers.below(kinds); }) {}

  // Compare-exchanges, many of which fail, among other atomic operations on words of few values.
  static random_program of_comparisons(std::uint64_t seed) {
    return {seed, [](small_generator& numbers) {
              return numbers.below(3) == 0 ? numbers.below(3) : compares + numbers.below(values * values);
            }};
  }

  std::string run() const {
    objects all;
    in_threads(threads_.size(), [this, &all](std::size_t thread) {
      for (const step& one : threads_[thread]) all.apply(one.what, one.object, thread);
    });
    return all.text();
  }

 private:
  static constexpr std::uint32_t values = 3;
  // From here on, compare-exchanges of each of the values for each.
  static constexpr std::uint32_t compares = kinds_all;

  struct step {
    std::uint32_t what;
    std::uint32_t object;
  };

  template <typename Choose>
  random_program(std::uint64_t seed, Choose choose) : numbers_(seed) {
    threads_.resize(2 + numbers_.below(2));
    for (auto& thread : threads_) {
      for (std::uint32_t left = 2 + numbers_.below(2); left > 0; --left) {
        const std::uint32_t what = choose(numbers_);
        thread.push_back({what, numbers_.below(2)});
      }
    }
  }

  struct objects {
    std::array<std::atomic<int>, 2> words{};
    std::array<std::shared_mutex, 2> locks;
    std::mutex plain_lock;
    std::condition_variable changed;
    sem_t tokens{};
    std::array<std::vector<std::pair<std::string, bool>>, 6> history;  // by object: who did what, and whether it looks

    objects() { sem_init(&tokens, 0, 0); }

    void note(std::size_t object, const char* what, std::size_t thread, bool looks) {
      history.at(object).emplace_back(what + std::to_string(thread), looks);
    }

    void compare(std::uint32_t pair, std::uint32_t object, std::size_t thread) {
      int expected = static_cast<int>(pair / values);
      const bool done = words.at(object).compare_exchange_strong(expected, static_cast<int>(pair % values));
      note(object, done ? "c" : "x", thread, !done);
    }

    void apply(std::uint32_t what, std::uint32_t object, std::size_t thread) {
      if (what >= compares) return compare(what - compares, object, thread);
      std::atomic<int>& word = words.at(object);
      std::shared_mutex& lock = locks.at(object);
      switch (what) {
        case 0:
          word.load();
          note(object, "r", thread, true);
          break;
        case 1:
          word.store(static_cast<int>(thread));
          note(object, "w", thread, false);
          break;
        case 2:
          word.fetch_add(1);
          note(object, "u", thread, false);
          break;
        case 3: {
          // Holds one lock while it may want the other: in one order, so that no execution deadlocks.
          const std::unique_lock held(lock);
          note(2 + object, "l", thread, false);
          if (object == 0) apply(5, 1, thread);
          break;
        }
        case 4:
          lock.lock_shared();
          note(2 + object, "s", thread, true);
          lock.unlock_shared();
          note(2 + object, "S", thread, true);
          break;
        case 6:
          sem_post(&tokens);
          break;
        case 7:
          note(4, sem_trywait(&tokens) == 0 ? "t" : "f", thread, false);
          break;
        case 8: {
          std::unique_lock held(plain_lock);
          const bool notified = changed.wait_for(held, std::chrono::seconds(1)) == std::cv_status::no_timeout;
          note(5, notified ? "n" : "o", thread, false);
          break;
        }
        case 9:
          changed.notify_one();
          break;
        default: {
          const bool got = lock.try_lock();
          note(2 + object, got ? "t" : "f", thread, false);
          if (!got) break;
          lock.unlock();
          note(2 + object, "v", thread, false);
        }
      }
    }

    std::string text() const {
      std::string result;
      for (const auto& one : history) {
        std::multiset<std::string> looks;
        const auto flush = [&] {
          for (const std::string& who : looks) result += who;
          looks.clear();
        };
        for (const auto& [who, only_looks] : one) {
          if (only_looks) {
            looks.insert(who);
            continue;
          }
          flush();
          result += who;
        }
        flush();
        result += '|';
      }
      return result;
    }
  };

  small_generator numbers_;
  std::vector<std::vector<step>> threads_;
};

// Every sequence of answers, depth first.
class every_interleaving final : public sim::decision_source {
 public:
  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override {
    std::vector<sim::thread_id> candidates(point.runnable.begin(), point.runnable.end());
    std::sort(candidates.begin(), candidates.end());
    return candidates[next(static_cast<std::uint32_t>(candidates.size()))];
  }
  std::uint32_t choose(sim::choice_kind, std::uint32_t candidates) noexcept override { return next(candidates); }

  bool advance() {
    position_ = 0;
    while (!path_.empty() && ++path_.back().first == path_.back().second) path_.pop_back();
    return !path_.empty();
  }

 private:
  std::uint32_t next(std::uint32_t candidates) {
    if (position_ == path_.size()) path_.emplace_back(0, candidates);
    return path_[position_++].first;
  }

  std::vector<std::pair<std::uint32_t, std::uint32_t>> path_;  // answer, candidates
  std::size_t position_ = 0;
};

// What a search of all interleavings came to.
struct search {
  std::uint64_t executions = 0;
  std::set<std::uint64_t> orders;  // up to that of independent operations
};

// Nothing if there are more executions than that.
template <typename Body>
std::optional<search> search_all_interleavings(const sim::machine_options& options, std::uint64_t limit, Body body) {
  search all;
  every_interleaving source;
  sim::machine machine(options);
  do {
    if (all.executions++ == limit) return std::nullopt;
    all.orders.insert(machine.run(source, body).order_hash);
  } while (source.advance());
  return all;
}

// What all executions of a program do, by its texts and by their hashes of orders.
struct program_search {
  std::set<std::string> texts;
  std::set<std::uint64_t> orders;
};

// Nothing if there are more executions than that.
inline std::optional<program_search> all_interleavings(const random_program& program, std::uint64_t limit) {
  program_search seen;
  const auto all = search_all_interleavings({}, limit, [&] {
    const std::string text = program.run();
    const sim::host_scope host;
    seen.texts.insert(std::string(text.data(), text.size()));
  });
  if (!all) return std::nullopt;
  seen.orders = all->orders;
  return seen;
}

}  // namespace heddle::check::testing_programs
