// The thread-local variables of a virtual thread: a copy of every module's TLS block, swapped on each
// switch.
//
// All virtual threads share one OS thread and so one set of addresses; a switch saves the contents for
// the thread that leaves and loads those of the thread that comes. libc and ld.so are left out: their
// state (allocator caches, resolver) belongs to the OS thread; `errno` alone is taken over from them.
// libstdc++'s block holds the words behind __cxa_get_globals() and those of std::call_once.
//
// A small image is swapped by a list of its words. What tells the machine itself where it is (current.hpp) is left
// out of that, since each switch sets it.
//
// Limits: blocks that the OS thread has not touched when the machine starts (dlopen'ed modules with
// lazily allocated TLS) are not swapped.
#pragma once

#include "host_memory.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace heddle::sim {

class tls_layout {
 public:
  // Finds the blocks of the calling thread.
  void discover();

  std::size_t image_size() const noexcept { return initial_.size(); }

  // Calls `visit(begin, size)` for the variables of the thread that runs now.
  template <typename Visit>
  void for_each_live(Visit visit) const {
    for (const block& b : blocks_) visit(b.live, b.size);
  }

  // Whether it is an address of a thread-local variable: of all threads, that is.
  bool contains(std::uintptr_t address) const noexcept {
    for (const block& b : blocks_) {
      if (address - reinterpret_cast<std::uintptr_t>(b.live) < b.size) return true;
    }
    return false;
  }

  // What a new thread starts with.
  void initialise(std::byte* image) const noexcept { std::memcpy(image, initial_.data(), initial_.size()); }
  void save(std::byte* image) const noexcept {
    for (const block& b : blocks_) copy(image + b.offset, b.live, b.size);
  }
  void load(const std::byte* image) const noexcept {
    for (const block& b : blocks_) copy(b.live, image + b.offset, b.size);
  }

  // Saves to one image and loads from another.
  void swap(std::byte* leaving, const std::byte* coming) const noexcept {
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

 private:
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
  void list_words();

  host_vector<block> blocks_;     // by address; none touches the next
  host_vector<live_word> words_;  // those of a small image that a switch swaps; empty for another
  host_vector<std::byte> initial_;
};

}  // namespace heddle::sim
