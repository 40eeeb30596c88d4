// Containers for the machine's own records. They take memory of their own, whatever is running, so that the records
// never live among the blocks of the execution they describe.
//
// How it works. A reserved stretch of addresses is handed out in sizes that are powers of two; what is given back is
// kept in a list for each size. That it stands apart lets a search for pointers leave the machine's records out: they
// are full of addresses that are no pointers of the program's.
//
// Thread safety: any thread.
//
// Limits: 256 GiB of addresses; memory that was touched stays with the process.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace heddle::sim {

// At least 32 bytes, at a multiple of their size or of 4 KiB.
void* allocate_host_memory(std::size_t size) noexcept;
// REQUIRES: `size` is what was asked for.
void release_host_memory(void* block, std::size_t size) noexcept;

template <typename T>
struct host_allocator {
  using value_type = T;

  host_allocator() noexcept = default;
  template <typename U>
  explicit(false) host_allocator(const host_allocator<U>&) noexcept {}

  T* allocate(std::size_t count) { return static_cast<T*>(allocate_host_memory(count * sizeof(T))); }
  void deallocate(T* block, std::size_t count) noexcept { release_host_memory(block, count * sizeof(T)); }

  template <typename U>
  bool operator==(const host_allocator<U>&) const noexcept {
    return true;
  }
};

template <typename T>
using host_vector = std::vector<T, host_allocator<T>>;

// A growing set of records that never move and are reused from one execution to the next.
template <typename T>
class record_pool {
 public:
  record_pool() = default;
  record_pool(const record_pool&) = delete;
  record_pool& operator=(const record_pool&) = delete;
  ~record_pool() {
    for (T* chunk : chunks_) {
      for (std::size_t i = 0; i < chunk_size; ++i) chunk[i].~T();
      host_allocator<T>().deallocate(chunk, chunk_size);
    }
  }

  // The next unused record; it holds whatever its last user left.
  T& take() {
    if (used_ == chunks_.size() * chunk_size) add_chunk();
    T& record = chunks_[used_ / chunk_size][used_ % chunk_size];
    ++used_;
    return record;
  }
  void reset() noexcept { used_ = 0; }
  std::size_t size() const noexcept { return used_; }
  T& operator[](std::size_t index) noexcept { return chunks_[index / chunk_size][index % chunk_size]; }

 private:
  static constexpr std::size_t chunk_size = 64;

  void add_chunk() {
    host_allocator<T> allocator;
    T* chunk = allocator.allocate(chunk_size);
    for (std::size_t i = 0; i < chunk_size; ++i) ::new (static_cast<void*>(chunk + i)) T{};
    chunks_.push_back(chunk);
  }

  host_vector<T*> chunks_;
  std::size_t used_ = 0;
};

}  // namespace heddle::sim
