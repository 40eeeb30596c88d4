// The thread-local variables of virtual threads: each has a block of them at addresses of its own (tls_blocks.hpp), or
// else a copy of every module's TLS block, swapped on each switch.
//
// Where threads cannot have blocks of their own, they share one set of addresses; a switch saves the contents for the
// thread that leaves and loads those of the thread that comes. A pointer to a variable of another thread then leads to
// one's own. libc and ld.so are left out: their state (allocator caches, resolver) belongs to the OS thread; `errno`
// alone is taken over from them. libstdc++'s block holds the words behind __cxa_get_globals() and those of
// std::call_once.
//
// A small image is swapped by a list of its words. What tells the machine itself where it is (current.hpp) is left
// out of that, since each switch sets it.
//
// Limits: blocks that the OS thread has not touched when the machine starts (dlopen'ed modules with
// lazily allocated TLS) are not swapped.
#pragma once

#include "host_memory.hpp"
#include "tls_blocks.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace heddle::sim {

// One module's thread-local variables of the calling thread, and what they start with; zero where `content` ends.
struct tls_module {
  std::byte* live;
  std::size_t size;
  const std::byte* content;
  std::size_t content_size;
  bool of_the_os_thread;  // libc and its kind: what they keep there is about the OS thread
};

// Those that the calling thread has touched.
host_vector<tls_module> modules_with_thread_locals();

class tls_layout {
 public:
  // Finds the blocks of the calling thread, the OS thread of the machine.
  void discover();

  // Bytes that a thread needs for its variables, and what their address is a multiple of.
  std::size_t size() const noexcept { return own_ ? blocks_of_threads_.size() : initial_.size(); }
  std::size_t alignment() const noexcept { return own_ ? blocks_of_threads_.alignment() : image_alignment; }

  // The variables of a new thread, in `memory`: what is to be given to the functions below.
  std::byte* begin_thread(std::byte* memory) const noexcept {
    if (own_) return blocks_of_threads_.make(memory);
    std::memcpy(memory, initial_.data(), initial_.size());
    return memory;
  }
  // REQUIRES: the thread runs for the last time.
  void end_thread(std::byte* variables) const noexcept {
    if (own_ && variables != blocks_of_threads_.of_the_host()) blocks_of_threads_.give_back(variables);
  }

  // From the OS thread's variables to those of the first thread. When that goes on with the OS thread's, as `main` of a
  // program does, the result stands for its variables from here on.
  std::byte* leave_host(std::byte* first, bool goes_on_with_the_hosts);
  void return_to_host() const noexcept;

  // From one thread's variables to another's.
  void swap(std::byte* leaving, std::byte* coming) const noexcept {
    if (own_) {
      tls_blocks::enter(coming);
      return;
    }
    if (words_.empty()) [[unlikely]] {
      save(leaving);
      load(coming);
      return;
    }
    // Word by word: a wider load would wait for the stores before it.
    for (const live_word& one : words_) {
      auto* const live = reinterpret_cast<volatile word*>(one.live);
      *reinterpret_cast<volatile word*>(leaving + one.offset) = *live;
      *live = *reinterpret_cast<const volatile word*>(coming + one.offset);
    }
  }
  // The same where what leaves is of no use any more.
  void enter(std::byte* coming) const noexcept {
    if (own_) {
      tls_blocks::enter(coming);
    } else {
      load(coming);
    }
  }

  // Keeps those of the thread that runs now, which does so for the last time, for for_each_kept.
  void keep(std::byte* variables) const noexcept {
    if (!own_) save(variables);
  }
  // Calls `visit(begin, size)` for the variables of a thread that does not run, as it left them.
  template <typename Visit>
  void for_each_kept(std::byte* variables, Visit visit) const {
    if (own_) {
      blocks_of_threads_.for_each(variables, visit);
    } else {
      visit(variables, initial_.size());
    }
  }

  // Calls `visit(begin, size)` for the variables of the thread that runs now, which are `variables`.
  template <typename Visit>
  void for_each(std::byte* variables, Visit visit) const {
    if (own_) {
      blocks_of_threads_.for_each(variables, visit);
      return;
    }
    for (const block& b : blocks_) visit(b.live, b.size);
  }

  // Whether it is an address of a variable of all threads.
  bool is_shared(std::uintptr_t address) const noexcept {
    if (own_) return false;
    for (const block& b : blocks_) {
      if (address - reinterpret_cast<std::uintptr_t>(b.live) < b.size) return true;
    }
    return false;
  }
  // Whether it is an address of a variable of the one thread.
  bool is_of(const std::byte* variables, std::uintptr_t address) const noexcept {
    return own_ && blocks_of_threads_.contains(variables, address);
  }

 private:
  static constexpr std::size_t image_alignment = 16;

  using word [[gnu::may_alias, gnu::aligned(1)]] = std::uint64_t;
  // The largest image, in words, that is swapped so; beyond it whole blocks are copied.
  static constexpr std::size_t words_max = 64;

  struct live_word {
    std::byte* live;
    std::size_t offset;  // in the image
  };
  struct block {
    std::byte* live;
    std::size_t size;
    std::size_t offset;  // in the image
  };

  // Most blocks are a few words, copied here one by one: a wider load would wait for the stores before it.
  static void copy(std::byte* to, const std::byte* from, std::size_t size) noexcept {
    constexpr std::size_t few_words = 128;
    if (size > few_words || size % sizeof(word) != 0) [[unlikely]] {
      std::memcpy(to, from, size);
      return;
    }
    auto* target = reinterpret_cast<volatile word*>(to);
    const auto* source = reinterpret_cast<const word*>(from);
    for (const word* const end = source + size / sizeof(word); source != end; ++source, ++target) *target = *source;
  }
  void save(std::byte* image) const noexcept {
    for (const block& b : blocks_) copy(image + b.offset, b.live, b.size);
  }
  void load(const std::byte* image) const noexcept {
    for (const block& b : blocks_) copy(b.live, image + b.offset, b.size);
  }
  void list_words();

  bool own_ = false;
  tls_blocks blocks_of_threads_;

  // Where threads share addresses.
  host_vector<block> blocks_;     // by address; none touches the next
  host_vector<live_word> words_;  // those of a small image that a switch swaps; empty for another
  host_vector<std::byte> initial_;
  host_vector<std::byte> host_;
};

}  // namespace heddle::sim
