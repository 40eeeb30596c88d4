// Naming a thread and calling the user; see thread_setup.hpp. Thread safety: as declared there.
#include "thread_setup.hpp"

#include "heddle/hooks.hpp"

#include <cstddef>
#include <string>

#include <pthread.h>

namespace heddle::detail {

namespace {

// What Linux keeps, without the terminating null.
constexpr std::size_t name_length_max = 15;

}  // namespace

thread_setup::thread_setup(const runtime_settings& settings) : settings_(settings) {
  const hooks::user_code_scope user;
  const std::string name = settings_.thread_name().substr(0, name_length_max);
  // A name is a help for the reader of a debugger; a thread without one works as well.
  static_cast<void>(::pthread_setname_np(::pthread_self(), name.c_str()));
  if (settings_.on_thread_start) settings_.on_thread_start();
}

thread_setup::~thread_setup() {
  if (!settings_.on_thread_stop) return;
  const hooks::user_code_scope user;
  settings_.on_thread_stop();
}

}  // namespace heddle::detail
