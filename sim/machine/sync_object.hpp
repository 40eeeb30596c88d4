// The simulated state of one synchronisation object of the user: mutex, reader-writer lock, condition
// variable, futex, semaphore, barrier or once. One small record serves all, so that one pool does.
#pragma once

#include "../memory_model/message.hpp"
#include "../progress/unheard_signal.hpp"
#include "virtual_thread.hpp"

namespace heddle::sim {

// What became of a robust mutex whose holder ended.
enum class lock_health : std::uint8_t {
  sound,
  owner_died,     // nobody has taken it since
  inconsistent,   // taken, and not yet said to be consistent
  unrecoverable,  // released without that: it cannot be taken any more
};

struct sync_object {
  object_id id = 0;
  const void* address = nullptr;
  // Who waits: for a lock all threads that announced to take it, runnable or not.
  wait_queue waiting;

  // Locks, and the thread inside a once.
  thread_id owner = no_thread;  // the exclusive holder
  std::uint32_t depth = 0;      // how often the holder of a recursive mutex has it
  std::uint32_t readers = 0;    // shared holders
  bool robust = false;
  lock_health health = lock_health::sound;
  bool prefers_writers = false;
  std::uint32_t writers_waiting = 0;  // of a lock that prefers them

  // Semaphores: the count. Barriers: threads that arrived in this round.
  std::uint32_t value = 0;
  std::uint32_t limit = 0;  // barriers: threads that make a round

  // What those who release it publish; of a lock, the shared holders apart, since they do not order each other.
  message released;
  message released_shared;

  // The last signal, when it found nobody waiting.
  unheard_signal unheard;

  bool available(bool shared) const noexcept {
    return owner == no_thread && (shared ? writers_waiting == 0 : readers == 0);
  }
};

}  // namespace heddle::sim
