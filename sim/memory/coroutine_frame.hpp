// Whether a block is a coroutine's frame: by its first two words, where every compiler of this platform keeps the
// functions that resume and destroy it, the first of them null once the coroutine is done. The frames of heddle's own
// tasks stand behind a room for a header (hooks::frame_offset).
//
// Limits: two pointers to functions at these places of a block of another kind look the same. A frame that stands
// elsewhere in its block, as a promise with an operator new of its own may place it, and coroutines of libraries
// that were loaded after the machine was made are not recognised.
#pragma once

#include <cstddef>
#include <cstdint>

namespace heddle::sim {

// Where the code of all loaded modules stands. Not in an execution.
void find_loaded_code();

enum class coroutine_state : std::uint8_t { no_coroutine, suspended, done };

// What the first bytes of a block say. One that runs counts as suspended. Takes a few instructions for nearly all
// blocks that are none.
coroutine_state coroutine_at(const void* block, std::size_t size) noexcept;

}  // namespace heddle::sim
