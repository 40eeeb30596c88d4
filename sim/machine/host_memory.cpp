#include "host_memory.hpp"

#include "fatal.hpp"
#include "never_destroyed.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

#include <sys/mman.h>

namespace heddle::sim {

namespace {

// Below the shadow and above the arena.
constexpr std::uintptr_t base_address = 0x2b80'0000'0000;
constexpr std::size_t region_size = std::size_t{1} << 38;
constexpr std::size_t page = 4096;
constexpr std::size_t smallest = 32;
constexpr std::size_t classes = 40;

struct unused_block {
  unused_block* next;
};

struct host_memory {
  std::atomic_flag busy;  // set by the thread that is at work on the rest
  std::uintptr_t next = 0;
  std::array<unused_block*, classes> unused{};  // by the logarithm of their size

  void lock() noexcept {
    while (busy.test_and_set(std::memory_order_acquire)) {
    }
  }
  void unlock() noexcept { busy.clear(std::memory_order_release); }
};

constinit never_destroyed<host_memory> the_memory;

std::size_t rounded(std::size_t size) noexcept {
  return std::bit_ceil(size < smallest ? smallest : size);
}

// Maps the whole of it at its first use.
void reserve(host_memory& from) noexcept {
  void* const wanted = reinterpret_cast<void*>(base_address);
  void* const region = mmap(wanted, region_size, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (region != wanted) fatal("cannot reserve 256 GiB of addresses for the machine's own records");
  from.next = base_address;
}

void* take_fresh(host_memory& from, std::size_t size) noexcept {
  if (from.next == 0) reserve(from);
  const std::size_t alignment = size < page ? size : page;
  const std::uintptr_t begin = (from.next + alignment - 1) & ~(alignment - 1);
  if (size > base_address + region_size - begin) fatal("the machine's own records take more than 256 GiB");
  from.next = begin + size;
  return reinterpret_cast<void*>(begin);
}

}  // namespace

void* allocate_host_memory(std::size_t size) noexcept {
  if (size > region_size) fatal("the machine's own records take more than 256 GiB");
  const std::size_t whole = rounded(size);
  host_memory& from = the_memory.value;
  from.lock();
  unused_block*& unused = from.unused[static_cast<std::size_t>(std::countr_zero(whole))];
  void* block = unused;
  if (unused != nullptr) {
    unused = unused->next;
  } else {
    block = take_fresh(from, whole);
  }
  from.unlock();
  return block;
}

void release_host_memory(void* block, std::size_t size) noexcept {
  host_memory& to = the_memory.value;
  to.lock();
  unused_block*& unused = to.unused[static_cast<std::size_t>(std::countr_zero(rounded(size)))];
  unused = ::new (block) unused_block{unused};
  to.unlock();
}

}  // namespace heddle::sim
