// Functions of libc that fill or send the program's buffers without waiting for anybody: the accesses of the calls, not
// what they do, which is the real thing. Those that may wait are in descriptors.cpp.
#include "buffers.hpp"
#include "real.hpp"
#include "replaceable.hpp"

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include <unistd.h>

using namespace heddle::sim;

namespace {

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

HEDDLE_REPLACEABLE ssize_t pread(int file, void* buffer, size_t size, off_t offset) {
  before_filling(buffer, size, HEDDLE_CALLER);
  return filled(buffer, HEDDLE_REAL(pread)(file, buffer, size, offset), HEDDLE_CALLER);
}

HEDDLE_REPLACEABLE ssize_t pwrite(int file, const void* buffer, size_t size, off_t offset) {
  before_sending(buffer, size, HEDDLE_CALLER);
  return HEDDLE_REAL(pwrite)(file, buffer, size, offset);
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

int puts(const char* text) {
  before_sending(text, std::strlen(text) + 1, HEDDLE_CALLER);
  return HEDDLE_REAL(puts)(text);
}

int fputs(const char* text, FILE* file) {
  before_sending(text, std::strlen(text) + 1, HEDDLE_CALLER);
  return HEDDLE_REAL(fputs)(text, file);
}

char* fgets(char* buffer, int size, FILE* file) {
  before_filling(buffer, size > 0 ? static_cast<size_t>(size) : 0, HEDDLE_CALLER);
  char* const got = HEDDLE_REAL(fgets)(buffer, size, file);
  if (got != nullptr) after_filling(got, std::strlen(got) + 1, HEDDLE_CALLER);
  return got;
}

char* strerror_r(int error, char* buffer, size_t size) noexcept {
  char* const text = HEDDLE_REAL(strerror_r)(error, buffer, size);
  if (text == buffer && size != 0) after_filling(text, std::strlen(text) + 1, HEDDLE_CALLER);
  return text;
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
