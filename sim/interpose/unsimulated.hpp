// Calls that the machine lets through although they may block, or depend on real time or on other processes. Each is
// named once on standard error, since an execution that makes one may not be a function of its schedule.
//
// The table is also that of docs/limits.md.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace heddle::sim {

struct unsimulated_call {
  std::string_view name;
  std::string_view why;
};

inline constexpr auto unsimulated_calls = std::to_array<unsimulated_call>({
    {"connect", "it reaches the real network"},
    {"getaddrinfo", "it reaches the real network"},
    {"gethostbyname", "it reaches the real network"},
    {"read", "it waits for the world outside the execution"},
    {"readv", "it waits for the world outside the execution"},
    {"recv", "it waits for the world outside the execution"},
    {"recvfrom", "it waits for the world outside the execution"},
    {"recvmsg", "it waits for the world outside the execution"},
    {"accept", "it waits for the world outside the execution"},
    {"accept4", "it waits for the world outside the execution"},
    {"write", "it waits for the world outside the execution"},
    {"send", "it waits for the world outside the execution"},
    {"sendto", "it waits for the world outside the execution"},
    {"sendmsg", "it waits for the world outside the execution"},
    {"poll", "it waits for the world outside the execution"},
    {"ppoll", "it waits for the world outside the execution"},
    {"select", "it waits for the world outside the execution"},
    {"pselect", "it waits for the world outside the execution"},
    {"epoll_wait", "it waits for the world outside the execution"},
    {"epoll_pwait", "it waits for the world outside the execution"},
    {"alarm", "its timer runs in real time"},
    {"ualarm", "its timer runs in real time"},
    {"setitimer", "its timer runs in real time"},
    {"timer_create", "its timer runs in real time"},
    {"timerfd_create", "its timer runs in real time"},
    {"flock", "it may wait for another process"},
    {"lockf", "it may wait for another process"},
    {"semop", "it may wait for another process"},
    {"semtimedop", "it may wait for another process"},
    {"msgrcv", "it may wait for another process"},
    {"msgsnd", "it may wait for another process"},
    {"mq_receive", "it may wait for another process"},
    {"mq_timedreceive", "it may wait for another process"},
    {"mq_send", "it may wait for another process"},
    {"mq_timedsend", "it may wait for another process"},
    {"system", "the other process runs in real time"},
    {"popen", "the other process runs in real time"},
    {"wait", "the other process runs in real time"},
    {"waitpid", "the other process runs in real time"},
    {"wait3", "the other process runs in real time"},
    {"wait4", "the other process runs in real time"},
    {"waitid", "the other process runs in real time"},
    {"posix_spawn", "the other process runs in real time"},
    {"posix_spawnp", "the other process runs in real time"},
    {"execv", "it ends the program, and the machine with it"},
    {"execve", "it ends the program, and the machine with it"},
    {"execvp", "it ends the program, and the machine with it"},
    {"execvpe", "it ends the program, and the machine with it"},
    {"fexecve", "it ends the program, and the machine with it"},
    {"initstate", "its state goes from one execution to the next"},
    {"setstate", "its state goes from one execution to the next"},
});

consteval std::size_t place_of_unsimulated(std::string_view name) {
  for (std::size_t place = 0; place < unsimulated_calls.size(); ++place) {
    if (unsimulated_calls[place].name == name) return place;
  }
  throw "the call is not in the table";
}

// Inside an execution, and the first time in the process and those it forks, says that the call is not simulated.
void note_unsimulated(std::size_t place) noexcept;
// The same for a system call by number.
void note_system_call(long number) noexcept;

}  // namespace heddle::sim

#define HEDDLE_NOTE_UNSIMULATED(name) \
  ::heddle::sim::note_unsimulated(std::integral_constant<std::size_t, ::heddle::sim::place_of_unsimulated(name)>{})
