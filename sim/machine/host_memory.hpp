// Containers for the machine's own records. They take memory from libc directly, whatever is running,
// so that the records never live among the blocks of the execution they describe.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

extern "C" {
void* __libc_malloc(std::size_t size);
void __libc_free(void* block);
}

namespace heddle::sim {

template <typename T>
struct host_allocator {
  using value_type = T;

  host_allocator() noexcept = default;
  template <typename U>
  explicit(false) host_allocator(const host_allocator<U>&) noexcept {}

  T* allocate(std::size_t count) {
    void* block = __libc_malloc(count * sizeof(T));
    if (block == nullptr) throw std::bad_alloc{};
    return static_cast<T*>(block);
  }
  void deallocate(T* block, std::size_t) noexcept { __libc_free(block); }

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
      __libc_free(chunk);
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
