// A value of a task_local that is current on this thread, for as long as this object lives.
// How it works: slots are on the stack of who polls, linked through a thread-local pointer. Thread safety: each thread
// sees its own.
#pragma once

namespace heddle::detail {

class task_local_slot {
 public:
  task_local_slot(const void* key, void* value) noexcept;
  task_local_slot(const task_local_slot&) = delete;
  task_local_slot& operator=(const task_local_slot&) = delete;
  ~task_local_slot();

  // The innermost value of `key`, or null.
  static void* find(const void* key) noexcept;

 private:
  const void* key_;
  void* value_;
  task_local_slot* outer_;
};

}  // namespace heddle::detail
