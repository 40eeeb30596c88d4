#include "unsimulated.hpp"

#include "../machine/execution.hpp"
#include "real.hpp"
#include "replaceable.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <type_traits>

#include <mqueue.h>
#include <netdb.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace heddle::sim;

namespace {

// Whether a call has been named; shared with the processes that this one forks, which say it no more.
struct noted_calls {
  std::atomic<bool> calls[unsimulated_calls.size()];
  std::atomic<bool> system_calls[1024];
};

noted_calls* const noted = [] {
  void* const page = mmap(nullptr, sizeof(noted_calls), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return page == MAP_FAILED ? nullptr : static_cast<noted_calls*>(page);
}();

// In one piece, so that notes of two processes do not mix.
void print(const char* what, std::string_view name, std::string_view why) noexcept {
  char text[256];
  const int size = std::snprintf(text, sizeof text, "heddle: note: %s%.*s is not simulated: %.*s\n", what,
                                 static_cast<int>(name.size()), name.data(), static_cast<int>(why.size()), why.data());
  // Nothing is left to do about a failed write.
  [[maybe_unused]] const ssize_t written = HEDDLE_REAL(write)(STDERR_FILENO, text, static_cast<size_t>(size));
}

}  // namespace

void heddle::sim::note_unsimulated(std::size_t place) noexcept {
  if (running() == nullptr || noted == nullptr || noted->calls[place].exchange(true)) return;
  print("", unsimulated_calls[place].name, unsimulated_calls[place].why);
}

void heddle::sim::note_system_call(long number) noexcept {
  const auto place = static_cast<unsigned long>(number);
  if (noted == nullptr || place >= std::size(noted->system_calls) || noted->system_calls[place].exchange(true)) return;
  char digits[24];
  std::snprintf(digits, sizeof digits, "%ld", number);
  print("system call ", digits, "it goes to the kernel as it is");
}

extern "C" {

// ---------------------------------------------------------------- the network

HEDDLE_REPLACEABLE int connect(int socket, const sockaddr* address, socklen_t size) {
  HEDDLE_NOTE_UNSIMULATED("connect");
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(connect)(socket, address, size);
  // Whoever accepts the connection knows what came before it.
  machine->release_into(machine->descriptors());
  const int result = HEDDLE_REAL(connect)(socket, address, size);
  machine->acquire_from(machine->descriptors());
  return result;
}

HEDDLE_REPLACEABLE int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** result) {
  HEDDLE_NOTE_UNSIMULATED("getaddrinfo");
  return HEDDLE_REAL(getaddrinfo)(node, service, hints, result);
}

HEDDLE_REPLACEABLE hostent* gethostbyname(const char* name) {
  HEDDLE_NOTE_UNSIMULATED("gethostbyname");
  return HEDDLE_REAL(gethostbyname)(name);
}

// ---------------------------------------------------------------- timers

HEDDLE_REPLACEABLE unsigned alarm(unsigned seconds) noexcept {
  HEDDLE_NOTE_UNSIMULATED("alarm");
  return HEDDLE_REAL(alarm)(seconds);
}

HEDDLE_REPLACEABLE useconds_t ualarm(useconds_t first, useconds_t interval) noexcept {
  HEDDLE_NOTE_UNSIMULATED("ualarm");
  return HEDDLE_REAL(ualarm)(first, interval);
}

HEDDLE_REPLACEABLE int setitimer(__itimer_which_t which, const itimerval* fresh, itimerval* previous) noexcept {
  HEDDLE_NOTE_UNSIMULATED("setitimer");
  return HEDDLE_REAL(setitimer)(which, fresh, previous);
}

HEDDLE_REPLACEABLE int timer_create(clockid_t clock, sigevent* event, timer_t* timer) noexcept {
  HEDDLE_NOTE_UNSIMULATED("timer_create");
  return HEDDLE_REAL(timer_create)(clock, event, timer);
}

HEDDLE_REPLACEABLE int timerfd_create(clockid_t clock, int flags) noexcept {
  HEDDLE_NOTE_UNSIMULATED("timerfd_create");
  return HEDDLE_REAL(timerfd_create)(clock, flags);
}

// ---------------------------------------------------------------- locks and queues between processes

HEDDLE_REPLACEABLE int flock(int file, int operation) noexcept {
  HEDDLE_NOTE_UNSIMULATED("flock");
  return HEDDLE_REAL(flock)(file, operation);
}

HEDDLE_REPLACEABLE int lockf(int file, int command, off_t size) {
  HEDDLE_NOTE_UNSIMULATED("lockf");
  return HEDDLE_REAL(lockf)(file, command, size);
}

HEDDLE_REPLACEABLE int semop(int set, sembuf* operations, size_t count) noexcept {
  HEDDLE_NOTE_UNSIMULATED("semop");
  return HEDDLE_REAL(semop)(set, operations, count);
}

HEDDLE_REPLACEABLE int semtimedop(int set, sembuf* operations, size_t count, const timespec* timeout) noexcept {
  HEDDLE_NOTE_UNSIMULATED("semtimedop");
  return HEDDLE_REAL(semtimedop)(set, operations, count, timeout);
}

HEDDLE_REPLACEABLE ssize_t msgrcv(int queue, void* message, size_t size, long type, int flags) {
  HEDDLE_NOTE_UNSIMULATED("msgrcv");
  return HEDDLE_REAL(msgrcv)(queue, message, size, type, flags);
}

HEDDLE_REPLACEABLE int msgsnd(int queue, const void* message, size_t size, int flags) {
  HEDDLE_NOTE_UNSIMULATED("msgsnd");
  return HEDDLE_REAL(msgsnd)(queue, message, size, flags);
}

HEDDLE_REPLACEABLE ssize_t mq_receive(mqd_t queue, char* message, size_t size, unsigned* priority) {
  HEDDLE_NOTE_UNSIMULATED("mq_receive");
  return HEDDLE_REAL(mq_receive)(queue, message, size, priority);
}

HEDDLE_REPLACEABLE ssize_t mq_timedreceive(mqd_t queue, char* message, size_t size, unsigned* priority,
                                           const timespec* time) {
  HEDDLE_NOTE_UNSIMULATED("mq_timedreceive");
  return HEDDLE_REAL(mq_timedreceive)(queue, message, size, priority, time);
}

HEDDLE_REPLACEABLE int mq_send(mqd_t queue, const char* message, size_t size, unsigned priority) {
  HEDDLE_NOTE_UNSIMULATED("mq_send");
  return HEDDLE_REAL(mq_send)(queue, message, size, priority);
}

HEDDLE_REPLACEABLE int mq_timedsend(mqd_t queue, const char* message, size_t size, unsigned priority,
                                    const timespec* time) {
  HEDDLE_NOTE_UNSIMULATED("mq_timedsend");
  return HEDDLE_REAL(mq_timedsend)(queue, message, size, priority, time);
}

// ---------------------------------------------------------------- processes

int system(const char* command) {
  HEDDLE_NOTE_UNSIMULATED("system");
  return HEDDLE_REAL(system)(command);
}

HEDDLE_REPLACEABLE FILE* popen(const char* command, const char* mode) {
  HEDDLE_NOTE_UNSIMULATED("popen");
  return HEDDLE_REAL(popen)(command, mode);
}

HEDDLE_REPLACEABLE pid_t wait(int* status) {
  HEDDLE_NOTE_UNSIMULATED("wait");
  return HEDDLE_REAL(wait)(status);
}

HEDDLE_REPLACEABLE pid_t waitpid(pid_t process, int* status, int options) {
  HEDDLE_NOTE_UNSIMULATED("waitpid");
  return HEDDLE_REAL(waitpid)(process, status, options);
}

HEDDLE_REPLACEABLE pid_t wait3(int* status, int options, rusage* usage) noexcept {
  HEDDLE_NOTE_UNSIMULATED("wait3");
  return HEDDLE_REAL(wait3)(status, options, usage);
}

HEDDLE_REPLACEABLE pid_t wait4(pid_t process, int* status, int options, rusage* usage) noexcept {
  HEDDLE_NOTE_UNSIMULATED("wait4");
  return HEDDLE_REAL(wait4)(process, status, options, usage);
}

HEDDLE_REPLACEABLE int waitid(idtype_t kind, id_t id, siginfo_t* info, int options) {
  HEDDLE_NOTE_UNSIMULATED("waitid");
  return HEDDLE_REAL(waitid)(kind, id, info, options);
}

int posix_spawn(pid_t* process, const char* path, const posix_spawn_file_actions_t* actions,
                const posix_spawnattr_t* attributes, char* const* arguments, char* const* environment) {
  HEDDLE_NOTE_UNSIMULATED("posix_spawn");
  return HEDDLE_REAL(posix_spawn)(process, path, actions, attributes, arguments, environment);
}

int posix_spawnp(pid_t* process, const char* path, const posix_spawn_file_actions_t* actions,
                 const posix_spawnattr_t* attributes, char* const* arguments, char* const* environment) {
  HEDDLE_NOTE_UNSIMULATED("posix_spawnp");
  return HEDDLE_REAL(posix_spawnp)(process, path, actions, attributes, arguments, environment);
}

int execv(const char* path, char* const* arguments) noexcept {
  HEDDLE_NOTE_UNSIMULATED("execv");
  return HEDDLE_REAL(execv)(path, arguments);
}

int execve(const char* path, char* const* arguments, char* const* environment) noexcept {
  HEDDLE_NOTE_UNSIMULATED("execve");
  return HEDDLE_REAL(execve)(path, arguments, environment);
}

int execvp(const char* path, char* const* arguments) noexcept {
  HEDDLE_NOTE_UNSIMULATED("execvp");
  return HEDDLE_REAL(execvp)(path, arguments);
}

int execvpe(const char* path, char* const* arguments, char* const* environment) noexcept {
  HEDDLE_NOTE_UNSIMULATED("execvpe");
  return HEDDLE_REAL(execvpe)(path, arguments, environment);
}

int fexecve(int file, char* const* arguments, char* const* environment) noexcept {
  HEDDLE_NOTE_UNSIMULATED("fexecve");
  return HEDDLE_REAL(fexecve)(file, arguments, environment);
}

// ---------------------------------------------------------------- states of libc

HEDDLE_REPLACEABLE char* initstate(unsigned seed, char* state, size_t size) noexcept {
  HEDDLE_NOTE_UNSIMULATED("initstate");
  return HEDDLE_REAL(initstate)(seed, state, size);
}

HEDDLE_REPLACEABLE char* setstate(char* state) noexcept {
  HEDDLE_NOTE_UNSIMULATED("setstate");
  return HEDDLE_REAL(setstate)(state);
}

}  // extern "C"
