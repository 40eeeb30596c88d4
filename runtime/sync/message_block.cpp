// Making and freeing blocks of messages; see detail/message_block.hpp. Thread safety: as declared there.
#include "heddle/runtime/detail/message_block.hpp"

#include "heddle/hooks.hpp"
#include "heddle/runtime/assert.hpp"

#include <new>

namespace heddle::detail {

message_block& message_block::make(std::size_t message_bytes) {
  void* const memory = ::operator new(sizeof(message_block) + count * message_bytes);
  return *::new (memory) message_block(static_cast<std::uint32_t>(message_bytes));
}

void message_block::destroy() noexcept {
  const std::size_t size = bytes();
  // Who frees the block has no order with those who used it.
  hooks::memory_restored(this, size);
  ::operator delete(static_cast<void*>(this), size);
}

void* message_block::place_next() noexcept {
  HEDDLE_ASSERT(!is_used_up(), "a block of messages has no more room");
  return reinterpret_cast<std::byte*>(this + 1) + std::size_t{used_++} * message_bytes_;
}

void message_block::give_back() noexcept {
  HEDDLE_ASSERT(left_ > 0, "a message is given back twice");
  if (--left_ == 0) destroy();
}

}  // namespace heddle::detail
