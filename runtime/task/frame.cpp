// The loops of the trampoline; see detail/frame.hpp. Thread safety: a chain belongs to its polling thread.
#include "heddle/runtime/detail/frame.hpp"

#include "heddle/hooks.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace heddle::detail {

void leaf::catch_exception() noexcept {
  ::new (static_cast<void*>(&error_)) std::exception_ptr(std::current_exception());
}

void leaf::rethrow_exception() {
  const std::exception_ptr error(std::move(error_));
  error_.~exception_ptr();
  std::rethrow_exception(error);
}

// Of a frame that the loop comes to from above. REQUIRES: it was not resumed in this poll.
bool frame::may_go_on(context& cx) noexcept {
  return leaf_ == nullptr || leaf_->poll(cx);
}

bool poll_chain(frame& root, context& cx) {
  HEDDLE_ASSERT(!root.is_done(), "a task is polled after it was done");
  poll_cursor cursor(cx);
  frame* current = root.link_;
  bool goes_on = current->may_go_on(cx);
  while (goes_on) {
    current->cursor_ = &cursor;
    cursor.entered = nullptr;
    current->resume();
    if (current->is_done()) {
      if (current == &root) {
        root.link_ = &root;
        root.leaf_ = nullptr;
        return true;
      }
      current = current->link_;
    } else if (cursor.entered != nullptr) {
      current = cursor.entered;
      goes_on = current->may_go_on(cx);
    } else {
      goes_on = false;
    }
  }
  root.link_ = current;
  return false;
}

void destroy_chain(frame& root) noexcept {
  frame* current = root.link_;
  // The awaits that do not come to their end, the leaf's and those of the frames above, are ended for the observer: the
  // task may live on, as after a select.
  if (current->leaf_ != nullptr) hooks::await_ends();
  while (current != &root) {
    frame* awaiting = current->link_;
    hooks::await_ends();
    current->destroy();
    current = awaiting;
  }
  root.destroy();
}

suspension suspension_of(const frame& root) {
  suspension result;
  const frame* current = root.link_;
  if (current->leaf_ != nullptr) result.awaited = current->leaf_->code();
  for (;; current = current->link_) {
    // All compilers begin a frame with the address of the function that resumes it.
    result.coroutines.push_back(*static_cast<const void* const*>(current->address()));
    result.places.push_back(to_source_place(current->place_));
    if (current == &root) break;
  }
  std::reverse(result.coroutines.begin(), result.coroutines.end());
  std::reverse(result.places.begin(), result.places.end());
  return result;
}

}  // namespace heddle::detail
