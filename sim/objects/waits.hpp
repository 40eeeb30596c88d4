// Waiting for other things than locks: futexes, semaphores, barriers, once-only initialisation, other
// threads, time.
#pragma once

#include "../machine/execution.hpp"

#include <ctime>

namespace heddle::sim {

inline constexpr std::uint32_t futex_any = 0xffff'ffff;

enum class futex_result : std::uint8_t { woken, value_differs, timed_out, interrupted };

// Blocks while `*word == expected`, until a wake whose bits meet `bits`.
futex_result wait_on_futex(execution& machine, const std::uint32_t* word, std::uint32_t expected, std::uint32_t bits,
                           std::uint64_t deadline, std::uintptr_t pc);
// Wakes up to `count` waiters, chosen by decisions; returns how many.
std::uint32_t wake_futex(execution& machine, const std::uint32_t* word, std::uint32_t count, std::uint32_t bits,
                         std::uintptr_t pc);
// Moves up to `count` waiters of `from` to `to`; returns how many.
std::uint32_t requeue_futex(execution& machine, const std::uint32_t* from, const std::uint32_t* to,
                            std::uint32_t count);

std::uint32_t waiters_of_futex(execution& machine, const std::uint32_t* word) noexcept;

void set_semaphore(execution& machine, const void* semaphore, std::uint32_t value);
// False when `deadline` came first.
bool wait_semaphore(execution& machine, const void* semaphore, std::uint64_t deadline, std::uintptr_t pc);
bool try_wait_semaphore(execution& machine, const void* semaphore, std::uintptr_t pc);
// False when the count would overflow.
bool post_semaphore(execution& machine, const void* semaphore, std::uintptr_t pc);
std::uint32_t semaphore_value(execution& machine, const void* semaphore);

void set_barrier(execution& machine, const void* barrier, std::uint32_t threads);
// True in the one thread that completes the round.
bool wait_barrier(execution& machine, const void* barrier, std::uintptr_t pc);
// The same, and whatever a thread did before it is in no order with what the others do after it.
void wait_barrier_unordered(execution& machine, const void* barrier, std::uintptr_t pc);

// True when the caller is to initialise, and must call end_once; false when that has been done, which
// `is_done` tells.
bool begin_once(execution& machine, const void* control, bool (*is_done)(const void*), std::uintptr_t pc);
void end_once(execution& machine, const void* control);

// False when `deadline` came first.
bool join_thread(execution& machine, virtual_thread& target, std::uint64_t deadline, std::uintptr_t pc);
void sleep_until(execution& machine, std::uint64_t deadline, std::uintptr_t pc);
// Sleeps as a cancellation point. False when a signal cut it short; `remaining`, which may be null, then has the rest.
bool sleep_for(execution& machine, std::uint64_t span, timespec* remaining, std::uintptr_t pc);
void yield_thread(execution& machine, std::uintptr_t pc);

}  // namespace heddle::sim
