// Functions of libc that fill or send the program's buffers: the accesses of the calls, not what they do, which is
// the real thing. A buffer is accessed as far as the call says it got.
#include "../instrument/watch.hpp"
#include "../machine/execution.hpp"
#include "real.hpp"

#include <cstdarg>
#include <cstdint>
#include <cstdio>

#include <sys/socket.h>
#include <unistd.h>

using namespace heddle::sim;

namespace {

constexpr auto reads = access_kind::read;
constexpr auto writes = access_kind::write;

// Looked at before the call, so that nothing goes into a freed buffer or out of one; the bytes beyond the first are
// only known afterwards.
void before_filling(const void* buffer, std::size_t size, std::uintptr_t pc) {
  if (size != 0) on_access(buffer, 1, writes, pc);
}
void after_filling(const void* buffer, std::size_t size, std::uintptr_t pc) {
  if (execution* const machine = running(); machine != nullptr && size != 0) {
    watch_range(*machine, buffer, size, writes, pc);
  }
}
void before_sending(const void* buffer, std::size_t size, std::uintptr_t pc) {
  on_access(buffer, size, reads, pc);
}

ssize_t filled(const void* buffer, ssize_t size, std::uintptr_t pc) {
  if (size > 0) after_filling(buffer, static_cast<std::size_t>(size), pc);
  return size;
}

int formatted(char* to, std::size_t room, const char* format, va_list arguments, std::uintptr_t pc) {
  before_filling(to, room, pc);
  const int length = HEDDLE_REAL(vsnprintf)(to, room, format, arguments);
  if (length >= 0 && room != 0) {
    const std::size_t size = static_cast<std::size_t>(length) + 1;
    after_filling(to, size < room ? size : room, pc);
  }
  return length;
}

}  // namespace

extern "C" {

ssize_t read(int file, void* buffer, size_t size) {
  before_filling(buffer, size, HEDDLE_CALLER);
  return filled(buffer, HEDDLE_REAL(read)(file, buffer, size), HEDDLE_CALLER);
}

ssize_t pread(int file, void* buffer, size_t size, off_t offset) {
  before_filling(buffer, size, HEDDLE_CALLER);
  return filled(buffer, HEDDLE_REAL(pread)(file, buffer, size, offset), HEDDLE_CALLER);
}

ssize_t recv(int socket, void* buffer, size_t size, int flags) {
  before_filling(buffer, size, HEDDLE_CALLER);
  return filled(buffer, HEDDLE_REAL(recv)(socket, buffer, size, flags), HEDDLE_CALLER);
}

ssize_t write(int file, const void* buffer, size_t size) {
  before_sending(buffer, size, HEDDLE_CALLER);
  return HEDDLE_REAL(write)(file, buffer, size);
}

ssize_t pwrite(int file, const void* buffer, size_t size, off_t offset) {
  before_sending(buffer, size, HEDDLE_CALLER);
  return HEDDLE_REAL(pwrite)(file, buffer, size, offset);
}

ssize_t send(int socket, const void* buffer, size_t size, int flags) {
  before_sending(buffer, size, HEDDLE_CALLER);
  return HEDDLE_REAL(send)(socket, buffer, size, flags);
}

size_t fread(void* buffer, size_t size, size_t count, FILE* file) {
  before_filling(buffer, size * count, HEDDLE_CALLER);
  const size_t got = HEDDLE_REAL(fread)(buffer, size, count, file);
  after_filling(buffer, size * got, HEDDLE_CALLER);
  return got;
}

size_t fwrite(const void* buffer, size_t size, size_t count, FILE* file) {
  before_sending(buffer, size * count, HEDDLE_CALLER);
  return HEDDLE_REAL(fwrite)(buffer, size, count, file);
}

int vsnprintf(char* to, size_t room, const char* format, va_list arguments) noexcept {
  return formatted(to, room, format, arguments, HEDDLE_CALLER);
}

int snprintf(char* to, size_t room, const char* format, ...) noexcept {
  va_list arguments;
  va_start(arguments, format);
  const int length = formatted(to, room, format, arguments, HEDDLE_CALLER);
  va_end(arguments);
  return length;
}

}  // extern "C"
