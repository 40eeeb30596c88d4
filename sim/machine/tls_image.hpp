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

struct dl_phdr_info;

namespace heddle::sim {

class tls_layout {
 public:
  // Finds the blocks of the calling thread.
  void discover();

  std::size_t image_size() const noexcept { return image_size_; }

  // What a new thread starts with.
  void initialise(std::byte* image) const noexcept { std::memcpy(image, initial_.data(), image_size_); }
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
    std::size_t offset;
  };

  // Most blocks are a few words: copied here, without a call.
  static void copy(std::byte* to, const std::byte* from, std::size_t size) noexcept {
    constexpr std::size_t few_words = 64;
    if (size > few_words || size % sizeof(std::uint64_t) != 0) {
      std::memcpy(to, from, size);
      return;
    }
    for (std::size_t at = 0; at < size; at += sizeof(std::uint64_t)) {
      std::uint64_t word;
      std::memcpy(&word, from + at, sizeof word);
      std::memcpy(to + at, &word, sizeof word);
    }
  }

  static int visit(dl_phdr_info* info, std::size_t size, void* self);

  host_vector<block> blocks_;
  host_vector<std::byte> initial_;
  std::size_t image_size_ = 0;
};

}  // namespace heddle::sim
