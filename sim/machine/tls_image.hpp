// The thread-local variables of a virtual thread: a copy of every module's TLS block, swapped on each
// switch.
//
// All virtual threads share one OS thread and so one set of addresses; a switch saves the contents for
// the thread that leaves and loads those of the thread that comes. libc and ld.so are left out: their
// state (allocator caches, resolver) belongs to the OS thread; `errno` alone is taken over from them.
// libstdc++'s block holds the words behind __cxa_get_globals() and those of std::call_once.
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

 private:
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
  using word [[gnu::may_alias, gnu::aligned(1)]] = std::uint64_t;

  host_vector<block> blocks_;  // by address; none touches the next
  host_vector<std::byte> initial_;
};

}  // namespace heddle::sim
