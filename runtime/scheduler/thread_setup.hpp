// A thread of a runtime from its begin to its end: its name, and what the builder asked to be called.
// Thread safety: one object per thread.
#pragma once

#include "heddle/runtime/detail/runtime_settings.hpp"

namespace heddle::detail {

class thread_setup {
 public:
  // The thread becomes one of the runtime's. REQUIRES: `settings` outlive the object.
  explicit thread_setup(const runtime_settings& settings);
  thread_setup(const thread_setup&) = delete;
  thread_setup& operator=(const thread_setup&) = delete;
  ~thread_setup();

 private:
  const runtime_settings& settings_;
};

}  // namespace heddle::detail
