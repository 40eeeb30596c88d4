// Reading /proc, and asking a thread by a signal; see thread_probe.hpp. Thread safety: as declared there.
//
// How it works. One request exists. Its state goes from idle to asked (whoever wants a stack), to taking (the handler,
// on the thread that was asked), to taken, and back to idle. A handler that comes too late finds it idle and does
// nothing.
#include "thread_probe.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <mutex>
#include <thread>
#include <utility>

#include <execinfo.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace heddle::detail {

namespace {

enum class stack_request : std::uint8_t { idle, asked, taking, taken };

constexpr std::size_t stack_frames_max = 64;
// The handler, the trampoline of the kernel.
constexpr std::size_t frames_of_the_handler = 2;
constexpr std::chrono::milliseconds answer_time_max{100};
constexpr int signal_offset = 8;

std::atomic<stack_request> request_state{stack_request::idle};
std::atomic<int> request_thread{0};                    // written before asked
std::array<void*, stack_frames_max> request_frames{};  // of the handler while taking
int request_count = 0;                                 // likewise

int stack_signal() noexcept {
  return SIGRTMIN + signal_offset;
}

void take_stack(int) {
  const int saved = errno;
  stack_request expected = stack_request::asked;
  if (own_thread_id() == request_thread.load(std::memory_order_relaxed) &&
      request_state.compare_exchange_strong(expected, stack_request::taking)) {
    // Unwinding inside an unwinding is what libgcc is not made for.
    const bool can_unwind = std::uncaught_exceptions() == 0;
    request_count = can_unwind ? ::backtrace(request_frames.data(), static_cast<int>(stack_frames_max)) : 0;
    request_state.store(stack_request::taken);
  }
  errno = saved;
}

std::string path_of(int thread, const char* name) {
  return "/proc/self/task/" + std::to_string(thread) + "/" + name;
}

constexpr std::array<std::pair<long, const char*>, 27> blocking_calls{
    {{SYS_read, "read"},           {SYS_write, "write"},
     {SYS_pread64, "pread64"},     {SYS_pwrite64, "pwrite64"},
     {SYS_readv, "readv"},         {SYS_writev, "writev"},
     {SYS_openat, "openat"},       {SYS_close, "close"},
     {SYS_fsync, "fsync"},         {SYS_fdatasync, "fdatasync"},
     {SYS_flock, "flock"},         {SYS_ppoll, "ppoll"},
     {SYS_pselect6, "pselect6"},   {SYS_epoll_pwait, "epoll_pwait"},
     {SYS_nanosleep, "nanosleep"}, {SYS_clock_nanosleep, "clock_nanosleep"},
     {SYS_connect, "connect"},     {SYS_accept4, "accept4"},
     {SYS_sendto, "sendto"},       {SYS_recvfrom, "recvfrom"},
     {SYS_sendmsg, "sendmsg"},     {SYS_recvmsg, "recvmsg"},
     {SYS_wait4, "wait4"},         {SYS_waitid, "waitid"},
     {SYS_futex, "futex"},
#if defined(SYS_poll)
     {SYS_poll, "poll"},           {SYS_epoll_wait, "epoll_wait"}}};
#else
                                                                       {SYS_getdents64, "getdents64"},
                                                                       {SYS_mmap, "mmap"}}};
#endif

}  // namespace

int own_thread_id() noexcept {
  return static_cast<int>(::syscall(SYS_gettid));
}

std::optional<processor_time> processor_time_of(int thread) {
  std::ifstream file(path_of(thread, "schedstat"));
  std::int64_t used = 0;
  std::int64_t waited = 0;
  if (!(file >> used >> waited)) return std::nullopt;
  return processor_time{std::chrono::nanoseconds(used), std::chrono::nanoseconds(waited)};
}

std::string system_call_of(int thread) {
  std::ifstream file(path_of(thread, "syscall"));
  std::string word;
  if (!(file >> word) || word == "running" || word.starts_with('-')) return {};
  const long number = std::strtol(word.c_str(), nullptr, 10);
  const auto* known = std::find_if(blocking_calls.begin(), blocking_calls.end(),
                                   [number](const auto& one) { return one.first == number; });
  return known != blocking_calls.end() ? known->second : "system call " + word;
}

void prepare_stacks() {
  static const bool prepared = [] {
    std::array<void*, 1> ignored{};
    ::backtrace(ignored.data(), 1);
    struct sigaction action{};
    action.sa_handler = &take_stack;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    return sigaction(stack_signal(), &action, nullptr) == 0;
  }();
  static_cast<void>(prepared);
}

std::vector<void*> stack_of(int thread) {
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  request_thread.store(thread, std::memory_order_relaxed);
  request_state.store(stack_request::asked);
  if (::syscall(SYS_tgkill, ::getpid(), thread, stack_signal()) != 0) {
    request_state.store(stack_request::idle);
    return {};
  }
  const auto give_up = std::chrono::steady_clock::now() + answer_time_max;
  while (request_state.load() != stack_request::taken) {
    stack_request expected = stack_request::asked;
    const bool late = std::chrono::steady_clock::now() >= give_up;
    if (late && request_state.compare_exchange_strong(expected, stack_request::idle)) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const auto count = static_cast<std::size_t>(request_count);
  std::vector<void*> stack;
  if (count > frames_of_the_handler)
    stack.assign(request_frames.begin() + frames_of_the_handler, request_frames.begin() + request_count);
  request_state.store(stack_request::idle);
  return stack;
}

}  // namespace heddle::detail
