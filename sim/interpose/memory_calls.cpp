// Functions of libc that read or write the program's memory: accesses like those of instrumented code.
//
// How it works. Each is defined here as heddle_seen_<name>. When the archive has been made, objcopy gives them
// their real names, and to all calls of these functions from within the archive, the compilers' own included, the
// name heddle_machine_<name>: the machine's copying is nobody's access, and must never come back here as a scheduling
// point in the middle of a switch. Outside an execution all are one test and a jump away from libc.
//
// Of a string, the first byte is looked at before its length is known: it may be freed memory without an end.
//
// Limits: calls that the compiler turned into instructions are seen where they are instrumented, comparisons of a
// few bytes by clang not at all. Wide characters, and the less used of <string.h>, are not seen.
#include "../instrument/watch.hpp"
#include "../machine/execution.hpp"
#include "allocation.hpp"
#include "real.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

using namespace heddle::sim;

namespace {

constexpr auto reads = access_kind::read;
constexpr auto writes = access_kind::write;
constexpr std::size_t no_limit = static_cast<std::size_t>(-1) / 2;

std::size_t length_of(const char* text) noexcept {
  return HEDDLE_REAL(strlen)(text);
}

// What follows the first byte of a string.
void watch_string(const char* text, std::size_t size, std::uintptr_t pc) {
  execution& machine = *running();
  watch_range(machine, text, size, reads, pc);
  if (machine.tells_plain_touches()) tell_access(machine, text, size, reads);
}

// The access to a string and its end; returns its length, which is cut at `size_max`.
std::size_t read_string(const char* text, std::size_t size_max, std::uintptr_t pc) {
  if (size_max == 0) return 0;
  // Most often; unwinding, for one, measures many short strings.
  const bool point = __atomic_load_n(&detail::accesses_are_wanted, __ATOMIC_RELAXED);
  if (!point && !shadow_memory::may_have(reinterpret_cast<std::uintptr_t>(text), flags_watched(reads))) {
    return size_max == no_limit ? length_of(text) : HEDDLE_REAL(strnlen)(text, size_max);
  }
  on_access(text, 1, reads, pc);
  const std::size_t length = HEDDLE_REAL(strnlen)(text, size_max);
  watch_string(text, length < size_max ? length + 1 : size_max, pc);
  return length;
}

// The access to two strings up to where they differ.
void read_both(const char* one, const char* other, std::size_t size_max, std::uintptr_t pc) {
  if (size_max == 0) return;
  on_access(one, 1, reads, pc);
  on_access(other, 1, reads, pc);
  std::size_t size = 1;
  while (size < size_max && one[size - 1] == other[size - 1] && one[size - 1] != '\0') ++size;
  watch_string(one, size, pc);
  watch_string(other, size, pc);
}

}  // namespace

extern "C" {

void* heddle_seen_memcpy(void* to, const void* from, std::size_t size) {
  if (running() != nullptr) {
    on_access(from, size, reads, HEDDLE_CALLER);
    on_access(to, size, writes, HEDDLE_CALLER);
  }
  return HEDDLE_REAL(memcpy)(to, from, size);
}

void* heddle_seen_memmove(void* to, const void* from, std::size_t size) {
  if (running() != nullptr) {
    on_access(from, size, reads, HEDDLE_CALLER);
    on_access(to, size, writes, HEDDLE_CALLER);
  }
  return HEDDLE_REAL(memmove)(to, from, size);
}

void* heddle_seen_memset(void* to, int value, std::size_t size) {
  if (running() != nullptr) on_access(to, size, writes, HEDDLE_CALLER);
  return HEDDLE_REAL(memset)(to, value, size);
}

int heddle_seen_memcmp(const void* one, const void* other, std::size_t size) {
  if (running() != nullptr) {
    on_access(one, size, reads, HEDDLE_CALLER);
    on_access(other, size, reads, HEDDLE_CALLER);
  }
  return HEDDLE_REAL(memcmp)(one, other, size);
}

int heddle_seen_bcmp(const void* one, const void* other, std::size_t size) {
  if (running() != nullptr) {
    on_access(one, size, reads, HEDDLE_CALLER);
    on_access(other, size, reads, HEDDLE_CALLER);
  }
  return HEDDLE_REAL(memcmp)(one, other, size);
}

void* heddle_seen_memchr(const void* in, int value, std::size_t size) {
  auto* const next = HEDDLE_REAL_AS(memchr, void*(const void*, int, std::size_t));
  if (running() == nullptr) return next(in, value, size);
  if (size != 0) on_access(in, 1, reads, HEDDLE_CALLER);
  void* const found = next(in, value, size);
  const std::size_t seen =
      found == nullptr ? size : static_cast<std::size_t>(static_cast<char*>(found) - static_cast<const char*>(in)) + 1;
  watch_range(*running(), in, seen, reads, HEDDLE_CALLER);
  return found;
}

std::size_t heddle_seen_strlen(const char* text) {
  return running() == nullptr ? length_of(text) : read_string(text, no_limit, HEDDLE_CALLER);
}

std::size_t heddle_seen_strnlen(const char* text, std::size_t size) {
  return running() == nullptr ? HEDDLE_REAL(strnlen)(text, size) : read_string(text, size, HEDDLE_CALLER);
}

char* heddle_seen_strcpy(char* to, const char* from) {
  if (running() != nullptr) {
    const std::size_t length = read_string(from, no_limit, HEDDLE_CALLER);
    on_access(to, length + 1, writes, HEDDLE_CALLER);
  }
  return HEDDLE_REAL(strcpy)(to, from);
}

char* heddle_seen_strncpy(char* to, const char* from, std::size_t size) {
  if (running() != nullptr) {
    read_string(from, size, HEDDLE_CALLER);
    on_access(to, size, writes, HEDDLE_CALLER);
  }
  return HEDDLE_REAL(strncpy)(to, from, size);
}

char* heddle_seen_strcat(char* to, const char* from) {
  if (running() != nullptr) {
    const std::size_t length = read_string(from, no_limit, HEDDLE_CALLER);
    const std::size_t before = read_string(to, no_limit, HEDDLE_CALLER);
    on_access(to + before, length + 1, writes, HEDDLE_CALLER);
  }
  return HEDDLE_REAL(strcat)(to, from);
}

char* heddle_seen_strncat(char* to, const char* from, std::size_t size) {
  if (running() != nullptr) {
    const std::size_t length = read_string(from, size, HEDDLE_CALLER);
    const std::size_t before = read_string(to, no_limit, HEDDLE_CALLER);
    on_access(to + before, length + 1, writes, HEDDLE_CALLER);
  }
  return HEDDLE_REAL(strncat)(to, from, size);
}

int heddle_seen_strcmp(const char* one, const char* other) {
  if (running() != nullptr) read_both(one, other, no_limit, HEDDLE_CALLER);
  return HEDDLE_REAL(strcmp)(one, other);
}

int heddle_seen_strncmp(const char* one, const char* other, std::size_t size) {
  if (running() != nullptr) read_both(one, other, size, HEDDLE_CALLER);
  return HEDDLE_REAL(strncmp)(one, other, size);
}

char* heddle_seen_strchr(const char* text, int letter) {
  auto* const next = HEDDLE_REAL_AS(strchr, char*(const char*, int));
  if (running() != nullptr) {
    on_access(text, 1, reads, HEDDLE_CALLER);
    const char* const found = next(text, letter);
    const std::size_t seen = found == nullptr ? length_of(text) : static_cast<std::size_t>(found - text);
    watch_range(*running(), text, seen + 1, reads, HEDDLE_CALLER);
  }
  return next(text, letter);
}

char* heddle_seen_strrchr(const char* text, int letter) {
  auto* const next = HEDDLE_REAL_AS(strrchr, char*(const char*, int));
  if (running() != nullptr) read_string(text, no_limit, HEDDLE_CALLER);
  return next(text, letter);
}

char* heddle_seen_strdup(const char* text) {
  const std::size_t length = running() == nullptr ? length_of(text) : read_string(text, no_limit, HEDDLE_CALLER);
  void* const copy = allocate_block(length + 1, 16, HEDDLE_CALLER);
  return copy == nullptr ? nullptr : static_cast<char*>(HEDDLE_REAL(memcpy)(copy, text, length + 1));
}

char* heddle_seen_strndup(const char* text, std::size_t size) {
  const std::size_t length =
      running() == nullptr ? HEDDLE_REAL(strnlen)(text, size) : read_string(text, size, HEDDLE_CALLER);
  auto* const copy = static_cast<char*>(allocate_block(length + 1, 16, HEDDLE_CALLER));
  if (copy == nullptr) return nullptr;
  HEDDLE_REAL(memcpy)(copy, text, length);
  copy[length] = '\0';
  return copy;
}

// What _FORTIFY_SOURCE makes of calls whose target's size is known.
void __chk_fail() __attribute__((noreturn));

void* heddle_seen_memcpy_chk(void* to, const void* from, std::size_t size, std::size_t room) {
  if (size > room) __chk_fail();
  if (running() != nullptr) {
    on_access(from, size, reads, HEDDLE_CALLER);
    on_access(to, size, writes, HEDDLE_CALLER);
  }
  return HEDDLE_REAL(memcpy)(to, from, size);
}

void* heddle_seen_memmove_chk(void* to, const void* from, std::size_t size, std::size_t room) {
  if (size > room) __chk_fail();
  if (running() != nullptr) {
    on_access(from, size, reads, HEDDLE_CALLER);
    on_access(to, size, writes, HEDDLE_CALLER);
  }
  return HEDDLE_REAL(memmove)(to, from, size);
}

void* heddle_seen_memset_chk(void* to, int value, std::size_t size, std::size_t room) {
  if (size > room) __chk_fail();
  if (running() != nullptr) on_access(to, size, writes, HEDDLE_CALLER);
  return HEDDLE_REAL(memset)(to, value, size);
}

// ---------------------------------------------------------------- for the machine itself

void* heddle_machine_memcpy(void* to, const void* from, std::size_t size) {
  return HEDDLE_REAL(memcpy)(to, from, size);
}
void* heddle_machine_memmove(void* to, const void* from, std::size_t size) {
  return HEDDLE_REAL(memmove)(to, from, size);
}
void* heddle_machine_memset(void* to, int value, std::size_t size) {
  return HEDDLE_REAL(memset)(to, value, size);
}
int heddle_machine_memcmp(const void* one, const void* other, std::size_t size) {
  return HEDDLE_REAL(memcmp)(one, other, size);
}
int heddle_machine_bcmp(const void* one, const void* other, std::size_t size) {
  return HEDDLE_REAL(memcmp)(one, other, size);
}
std::size_t heddle_machine_strlen(const char* text) {
  return length_of(text);
}
std::size_t heddle_machine_strnlen(const char* text, std::size_t size) {
  return HEDDLE_REAL(strnlen)(text, size);
}
char* heddle_machine_strcpy(char* to, const char* from) {
  return HEDDLE_REAL(strcpy)(to, from);
}
int heddle_machine_strcmp(const char* one, const char* other) {
  return HEDDLE_REAL(strcmp)(one, other);
}
int heddle_machine_strncmp(const char* one, const char* other, std::size_t size) {
  return HEDDLE_REAL(strncmp)(one, other, size);
}

}  // extern "C"
