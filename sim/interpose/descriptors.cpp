// Calls that wait for file descriptors. The descriptors are the real ones; what is simulated is the waiting.
//
// How it works. A thread that would block asks the kernel whether the descriptor is ready, and sleeps in simulated time
// until it is: so threads of one execution can talk through pipes and sockets. When no other thread is left that could
// make it ready, the call is let through to wait for the world outside, and named. A wait with a timeout always ends
// in simulated time.
#include "../objects/cancellation.hpp"
#include "../objects/waits.hpp"
#include "buffers.hpp"
#include "caller.hpp"
#include "clocks.hpp"
#include "real.hpp"
#include "replaceable.hpp"
#include "unsimulated.hpp"

#include <cerrno>
#include <cstdio>
#include <type_traits>

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

using namespace heddle::sim;

namespace {

enum class wait_end : std::uint8_t { ready, timed_out, interrupted, nobody_left };

// Asks `is_ready` in growing spans of simulated time, each an eighth of what has passed.
template <typename IsReady>
wait_end wait_until_ready(execution& machine, std::uint64_t timeout, std::uintptr_t pc, IsReady is_ready) {
  constexpr std::uint64_t first_span_ns = 1'000;
  constexpr std::uint64_t waited_max_ns = 30 * 24 * 3600 * ns_per_second;
  const std::uint64_t begin = machine.now();
  cancellation_point point(machine);
  for (std::uint64_t span = first_span_ns; !is_ready(); span = first_span_ns + (machine.now() - begin) / 8) {
    const std::uint64_t waited = machine.now() - begin;
    if (waited >= timeout) return wait_end::timed_out;
    if (timeout == no_deadline && (!machine.others_can_act() || waited > waited_max_ns)) return wait_end::nobody_left;
    sleep_until(machine, machine.now() + (span < timeout - waited ? span : timeout - waited), pc);
    if (point.interrupted()) return wait_end::interrupted;
    point.again();
  }
  return wait_end::ready;
}

// At the end of a wait for descriptors: what those published who wrote.
struct learns_of_writers {
  execution& machine;
  ~learns_of_writers() { machine.acquire_from(machine.descriptors()); }
};

// /dev/null, /dev/zero, /dev/urandom and their like: what one reads there nobody wrote.
bool is_memory_device(int descriptor) noexcept {
  constexpr unsigned memory_devices = 1;
  struct stat status;
  return fstat(descriptor, &status) == 0 && S_ISCHR(status.st_mode) && major(status.st_rdev) == memory_devices;
}

bool is_ready(int descriptor, short events) noexcept {
  pollfd one{.fd = descriptor, .events = events, .revents = 0};
  return HEDDLE_REAL(poll)(&one, 1, 0) != 0;
}

// For the race detector: a use of the descriptor, which must not end meanwhile.
void observe_use(execution& machine, int descriptor, std::uintptr_t pc) {
  if (is_called_by_executable(pc)) machine.observe_descriptor(descriptor, race_access::read, pc);
}

// The descriptor is about to end: whoever reads the end of the data at the other side knows what came before.
void observe_end(execution& machine, int descriptor, std::uintptr_t pc) {
  machine.release_into(machine.descriptors());
  if (is_called_by_executable(pc)) machine.observe_descriptor(descriptor, race_access::write, pc);
}

// Before a call on `descriptor` that waits for `events`. False when a signal interrupts it.
template <std::size_t Call>
bool may_proceed(execution& machine, int descriptor, short events, bool waits, std::uintptr_t pc) {
  observe_use(machine, descriptor, pc);
  if (is_memory_device(descriptor)) return true;
  if ((events & POLLOUT) != 0) machine.release_into(machine.descriptors());
  const learns_of_writers learns{machine};
  if (is_ready(descriptor, events)) return true;
  if (!waits || (fcntl(descriptor, F_GETFL) & O_NONBLOCK) != 0) {
    // The caller may be polling: others get a turn.
    if (machine.interleaves()) yield_thread(machine, pc);
    return true;
  }
  const wait_end end = wait_until_ready(machine, no_deadline, pc, [&] { return is_ready(descriptor, events); });
  if (end == wait_end::nobody_left) note_unsimulated(Call);
  if (end == wait_end::interrupted) errno = EINTR;
  return end != wait_end::interrupted;
}

// poll and its kin: `ask` is the call without waiting, `wait` the call itself.
template <std::size_t Call, typename Ask, typename Wait>
int wait_for_any(execution& machine, std::uint64_t timeout, std::uintptr_t pc, Ask ask, Wait wait) {
  const learns_of_writers learns{machine};
  int result = ask();
  if (result != 0 || timeout == 0) {
    if (machine.interleaves()) yield_thread(machine, pc);
    return result;
  }
  switch (wait_until_ready(machine, timeout, pc, [&] { return (result = ask()) != 0; })) {
    case wait_end::ready:
    case wait_end::timed_out:
      return result;
    case wait_end::interrupted:
      errno = EINTR;
      return -1;
    case wait_end::nobody_left:
      note_unsimulated(Call);
      return wait();
  }
  return result;
}

std::uint64_t milliseconds(int timeout) noexcept {
  return timeout < 0 ? no_deadline : static_cast<std::uint64_t>(timeout) * 1'000'000;
}

// The sets as they were given, since each question overwrites them.
struct descriptor_sets {
  descriptor_sets(fd_set* read, fd_set* write, fd_set* except)
      : places{read, write, except}, given{copy(read), copy(write), copy(except)} {}

  void restore() {
    for (int i = 0; i < 3; ++i) {
      if (places[i] != nullptr) *places[i] = given[i];
    }
  }
  int ask(int count) {
    restore();
    timeval none{};
    return HEDDLE_REAL(select)(count, places[0], places[1], places[2], &none);
  }

  static fd_set copy(const fd_set* set) noexcept { return set == nullptr ? fd_set{} : *set; }

  fd_set* places[3];
  fd_set given[3];
};

}  // namespace

#define HEDDLE_CALL_NUMBER(name) ::heddle::sim::place_of_unsimulated(name)

extern "C" {

// ---------------------------------------------------------------- one descriptor

HEDDLE_REPLACEABLE ssize_t read(int descriptor, void* buffer, size_t size) {
  execution* const machine = running();
  if (machine != nullptr && !may_proceed<HEDDLE_CALL_NUMBER("read")>(*machine, descriptor, POLLIN, true, HEDDLE_CALLER))
    return -1;
  before_filling(buffer, size, HEDDLE_CALLER);
  return filled(buffer, HEDDLE_REAL(read)(descriptor, buffer, size), HEDDLE_CALLER);
}

HEDDLE_REPLACEABLE ssize_t readv(int descriptor, const iovec* parts, int count) {
  execution* const machine = running();
  if (machine != nullptr &&
      !may_proceed<HEDDLE_CALL_NUMBER("readv")>(*machine, descriptor, POLLIN, true, HEDDLE_CALLER))
    return -1;
  return HEDDLE_REAL(readv)(descriptor, parts, count);
}

HEDDLE_REPLACEABLE ssize_t recv(int descriptor, void* buffer, size_t size, int flags) {
  execution* const machine = running();
  const bool waits = (flags & MSG_DONTWAIT) == 0;
  if (machine != nullptr &&
      !may_proceed<HEDDLE_CALL_NUMBER("recv")>(*machine, descriptor, POLLIN, waits, HEDDLE_CALLER))
    return -1;
  before_filling(buffer, size, HEDDLE_CALLER);
  return filled(buffer, HEDDLE_REAL(recv)(descriptor, buffer, size, flags), HEDDLE_CALLER);
}

HEDDLE_REPLACEABLE ssize_t recvfrom(int descriptor, void* buffer, size_t size, int flags, sockaddr* address,
                                    socklen_t* address_size) {
  execution* const machine = running();
  const bool waits = (flags & MSG_DONTWAIT) == 0;
  if (machine != nullptr &&
      !may_proceed<HEDDLE_CALL_NUMBER("recvfrom")>(*machine, descriptor, POLLIN, waits, HEDDLE_CALLER))
    return -1;
  before_filling(buffer, size, HEDDLE_CALLER);
  return filled(buffer, HEDDLE_REAL(recvfrom)(descriptor, buffer, size, flags, address, address_size), HEDDLE_CALLER);
}

HEDDLE_REPLACEABLE ssize_t recvmsg(int descriptor, msghdr* message, int flags) {
  execution* const machine = running();
  const bool waits = (flags & MSG_DONTWAIT) == 0;
  if (machine != nullptr &&
      !may_proceed<HEDDLE_CALL_NUMBER("recvmsg")>(*machine, descriptor, POLLIN, waits, HEDDLE_CALLER))
    return -1;
  return HEDDLE_REAL(recvmsg)(descriptor, message, flags);
}

HEDDLE_REPLACEABLE int accept(int descriptor, sockaddr* address, socklen_t* size) {
  execution* const machine = running();
  if (machine != nullptr &&
      !may_proceed<HEDDLE_CALL_NUMBER("accept")>(*machine, descriptor, POLLIN, true, HEDDLE_CALLER))
    return -1;
  return HEDDLE_REAL(accept)(descriptor, address, size);
}

HEDDLE_REPLACEABLE int accept4(int descriptor, sockaddr* address, socklen_t* size, int flags) {
  execution* const machine = running();
  if (machine != nullptr &&
      !may_proceed<HEDDLE_CALL_NUMBER("accept4")>(*machine, descriptor, POLLIN, true, HEDDLE_CALLER))
    return -1;
  return HEDDLE_REAL(accept4)(descriptor, address, size, flags);
}

HEDDLE_REPLACEABLE ssize_t write(int descriptor, const void* buffer, size_t size) {
  execution* const machine = running();
  if (machine != nullptr &&
      !may_proceed<HEDDLE_CALL_NUMBER("write")>(*machine, descriptor, POLLOUT, true, HEDDLE_CALLER))
    return -1;
  before_sending(buffer, size, HEDDLE_CALLER);
  return HEDDLE_REAL(write)(descriptor, buffer, size);
}

HEDDLE_REPLACEABLE ssize_t send(int descriptor, const void* buffer, size_t size, int flags) {
  execution* const machine = running();
  const bool waits = (flags & MSG_DONTWAIT) == 0;
  if (machine != nullptr &&
      !may_proceed<HEDDLE_CALL_NUMBER("send")>(*machine, descriptor, POLLOUT, waits, HEDDLE_CALLER))
    return -1;
  before_sending(buffer, size, HEDDLE_CALLER);
  return HEDDLE_REAL(send)(descriptor, buffer, size, flags);
}

HEDDLE_REPLACEABLE ssize_t sendto(int descriptor, const void* buffer, size_t size, int flags, const sockaddr* address,
                                  socklen_t address_size) {
  execution* const machine = running();
  const bool waits = (flags & MSG_DONTWAIT) == 0;
  if (machine != nullptr &&
      !may_proceed<HEDDLE_CALL_NUMBER("sendto")>(*machine, descriptor, POLLOUT, waits, HEDDLE_CALLER))
    return -1;
  before_sending(buffer, size, HEDDLE_CALLER);
  return HEDDLE_REAL(sendto)(descriptor, buffer, size, flags, address, address_size);
}

HEDDLE_REPLACEABLE ssize_t sendmsg(int descriptor, const msghdr* message, int flags) {
  execution* const machine = running();
  const bool waits = (flags & MSG_DONTWAIT) == 0;
  if (machine != nullptr &&
      !may_proceed<HEDDLE_CALL_NUMBER("sendmsg")>(*machine, descriptor, POLLOUT, waits, HEDDLE_CALLER))
    return -1;
  return HEDDLE_REAL(sendmsg)(descriptor, message, flags);
}

// ---------------------------------------------------------------- the end of one

HEDDLE_REPLACEABLE int close(int descriptor) {
  if (execution* const machine = running()) observe_end(*machine, descriptor, HEDDLE_CALLER);
  return HEDDLE_REAL(close)(descriptor);
}

HEDDLE_REPLACEABLE int dup2(int from, int to) noexcept {
  execution* const machine = running();
  if (machine != nullptr && from != to) observe_end(*machine, to, HEDDLE_CALLER);
  const int result = HEDDLE_REAL(dup2)(from, to);
  if (machine != nullptr) observe_use(*machine, to, HEDDLE_CALLER);
  return result;
}

HEDDLE_REPLACEABLE int dup3(int from, int to, int flags) noexcept {
  execution* const machine = running();
  if (machine != nullptr && from != to) observe_end(*machine, to, HEDDLE_CALLER);
  const int result = HEDDLE_REAL(dup3)(from, to, flags);
  if (machine != nullptr) observe_use(*machine, to, HEDDLE_CALLER);
  return result;
}

int fclose(FILE* file) {
  execution* const machine = running();
  const int descriptor = machine != nullptr ? fileno(file) : -1;
  if (machine != nullptr) machine->release_into(machine->descriptors());
  const int result = HEDDLE_REAL(fclose)(file);
  if (machine != nullptr) machine->forget_descriptor(descriptor);
  return result;
}

HEDDLE_REPLACEABLE int shutdown(int descriptor, int how) noexcept {
  if (execution* const machine = running()) {
    observe_use(*machine, descriptor, HEDDLE_CALLER);
    machine->release_into(machine->descriptors());
  }
  return HEDDLE_REAL(shutdown)(descriptor, how);
}

// ---------------------------------------------------------------- any of several

HEDDLE_REPLACEABLE int poll(pollfd* descriptors, nfds_t count, int timeout) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(poll)(descriptors, count, timeout);
  return wait_for_any<HEDDLE_CALL_NUMBER("poll")>(
      *machine, milliseconds(timeout), HEDDLE_CALLER, [&] { return HEDDLE_REAL(poll)(descriptors, count, 0); },
      [&] { return HEDDLE_REAL(poll)(descriptors, count, -1); });
}

HEDDLE_REPLACEABLE int ppoll(pollfd* descriptors, nfds_t count, const timespec* timeout, const sigset_t* mask) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(ppoll)(descriptors, count, timeout, mask);
  return wait_for_any<HEDDLE_CALL_NUMBER("ppoll")>(
      *machine, timeout == nullptr ? no_deadline : nanoseconds_of(*timeout), HEDDLE_CALLER,
      [&] { return HEDDLE_REAL(poll)(descriptors, count, 0); },
      [&] { return HEDDLE_REAL(ppoll)(descriptors, count, nullptr, mask); });
}

HEDDLE_REPLACEABLE int select(int count, fd_set* read, fd_set* write, fd_set* except, timeval* timeout) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(select)(count, read, write, except, timeout);
  descriptor_sets sets(read, write, except);
  std::uint64_t span = no_deadline;
  if (timeout != nullptr) span = nanoseconds_of({.tv_sec = timeout->tv_sec, .tv_nsec = timeout->tv_usec * 1'000});
  return wait_for_any<HEDDLE_CALL_NUMBER("select")>(
      *machine, span, HEDDLE_CALLER, [&] { return sets.ask(count); },
      [&] {
        sets.restore();
        return HEDDLE_REAL(select)(count, read, write, except, nullptr);
      });
}

HEDDLE_REPLACEABLE int pselect(int count, fd_set* read, fd_set* write, fd_set* except, const timespec* timeout,
                               const sigset_t* mask) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(pselect)(count, read, write, except, timeout, mask);
  descriptor_sets sets(read, write, except);
  return wait_for_any<HEDDLE_CALL_NUMBER("pselect")>(
      *machine, timeout == nullptr ? no_deadline : nanoseconds_of(*timeout), HEDDLE_CALLER,
      [&] { return sets.ask(count); },
      [&] {
        sets.restore();
        return HEDDLE_REAL(pselect)(count, read, write, except, nullptr, mask);
      });
}

HEDDLE_REPLACEABLE int epoll_wait(int epoll, epoll_event* events, int count, int timeout) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(epoll_wait)(epoll, events, count, timeout);
  return wait_for_any<HEDDLE_CALL_NUMBER("epoll_wait")>(
      *machine, milliseconds(timeout), HEDDLE_CALLER, [&] { return HEDDLE_REAL(epoll_wait)(epoll, events, count, 0); },
      [&] { return HEDDLE_REAL(epoll_wait)(epoll, events, count, -1); });
}

HEDDLE_REPLACEABLE int epoll_pwait(int epoll, epoll_event* events, int count, int timeout, const sigset_t* mask) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(epoll_pwait)(epoll, events, count, timeout, mask);
  return wait_for_any<HEDDLE_CALL_NUMBER("epoll_pwait")>(
      *machine, milliseconds(timeout), HEDDLE_CALLER, [&] { return HEDDLE_REAL(epoll_wait)(epoll, events, count, 0); },
      [&] { return HEDDLE_REAL(epoll_pwait)(epoll, events, count, -1, mask); });
}

}  // extern "C"
