// The blocks that a thread keeps; see detail/frame_pool.hpp. Thread safety: as declared there.
#include "heddle/runtime/detail/frame_pool.hpp"

#include <array>
#include <utility>

#if !HEDDLE_CHECKED

// Of the sanitizers that watch memory; null in a program without their run-time library.
extern "C" {
[[gnu::weak]] void __asan_init();
[[gnu::weak]] void __hwasan_init();
[[gnu::weak]] void __msan_init();
[[gnu::weak]] void __tsan_init();
}

namespace heddle::detail {

namespace {

#if defined(HEDDLE_KEEPS_BLOCKS) && !HEDDLE_KEEPS_BLOCKS
constexpr bool is_wanted = false;
#else
constexpr bool is_wanted = true;
#endif

bool keeps_blocks() noexcept {
  return is_wanted && __asan_init == nullptr && __hwasan_init == nullptr && __msan_init == nullptr &&
         __tsan_init == nullptr;
}

// glibc's sizes are multiples of 16 less its own 8, and other allocators' are no finer.
constexpr std::size_t size_step = 16;
constexpr std::size_t size_remainder = 8;
constexpr std::size_t classes = 33;

constexpr std::size_t class_of(std::size_t bytes) noexcept {
  return (bytes + (size_step - size_remainder - 1)) / size_step;
}
constexpr std::size_t size_of(std::size_t index) noexcept {
  return index * size_step + size_remainder;
}
static_assert(size_of(class_of(184)) == 184 && size_of(class_of(185)) == 200 && size_of(classes - 1) == 520);

struct kept_block {
  kept_block* next;
};

// Trivial, so that tasks may be freed while a thread ends and destroys what is local to it.
struct kept_blocks {
  struct list {
    kept_block* first = nullptr;
    std::size_t room = 0;  // how many more it takes
  };

  std::array<list, classes> lists;
  bool was_opened = false;

  // For a list without room. False: it takes no more, as it is full, the thread ends, or nothing is to be kept.
  [[nodiscard]] bool open() noexcept;
  void close() noexcept;
};

constinit thread_local kept_blocks here;

struct closed_at_end {
  ~closed_at_end() { here.close(); }
};

bool kept_blocks::open() noexcept {
  if (std::exchange(was_opened, true) || !keeps_blocks()) return false;
  static const thread_local closed_at_end end;
  static_cast<void>(end);
  for (list& each : lists) each.room = frame_pool::kept_max;
  return true;
}

void kept_blocks::close() noexcept {
  for (list& each : lists) {
    each.room = 0;
    while (kept_block* const block = each.first) {
      each.first = block->next;
      ::operator delete(block);
    }
  }
}

}  // namespace

void* frame_pool::allocate(std::size_t bytes) {
  const std::size_t index = class_of(bytes);
  if (index >= classes) [[unlikely]]
    return ::operator new(bytes);
  kept_blocks::list& own = here.lists[index];
  kept_block* const block = own.first;
  if (block == nullptr) return ::operator new(size_of(index));
  own.first = block->next;
  ++own.room;
  return block;
}

void frame_pool::free(void* block, std::size_t bytes) noexcept {
  const std::size_t index = class_of(bytes);
  if (index >= classes) [[unlikely]]
    return ::operator delete(block);
  kept_blocks::list& own = here.lists[index];
  if (own.room == 0 && !here.open()) return ::operator delete(block);
  --own.room;
  own.first = ::new (block) kept_block{own.first};
}

std::size_t frame_pool::kept(std::size_t bytes) noexcept {
  const std::size_t index = class_of(bytes);
  if (index >= classes) return 0;
  std::size_t count = 0;
  for (const kept_block* block = here.lists[index].first; block != nullptr; block = block->next) ++count;
  return count;
}

}  // namespace heddle::detail

#else

std::size_t heddle::detail::frame_pool::kept(std::size_t) noexcept {
  return 0;
}

#endif
