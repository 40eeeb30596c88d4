// Randomness: entropy is a fixed sequence, and libc's generators start anew with each execution as they do with a
// process. So an execution depends neither on the host nor on the executions before it.
//
// Numbers of rand, random and drand48 are libc's own: its generators are set back when an execution first uses them.
//
// Limit: a state that initstate or setstate was given stays in use after the execution.
#include "random.hpp"

#include "real.hpp"
#include "replaceable.hpp"

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include <sys/random.h>

using namespace heddle::sim;

namespace {

// Which execution the sequences belong to; used by the machine's thread only.
struct {
  std::uint64_t bytes_of = 0;
  std::uint64_t libc_of = 0;
  std::uint64_t state = 0;
} sequences;

// SplitMix64, from a fixed start.
std::uint64_t next_number(execution& machine) noexcept {
  if (sequences.bytes_of != machine.serial()) {
    sequences.bytes_of = machine.serial();
    sequences.state = 0;
  }
  std::uint64_t mixed = sequences.state += 0x9e3779b97f4a7c15u;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
  return mixed ^ (mixed >> 31);
}

// Before any use of libc's generators: as they are when a process begins.
void begin_libc_sequence() noexcept {
  const execution* const machine = running();
  if (machine == nullptr || sequences.libc_of == machine->serial()) return;
  sequences.libc_of = machine->serial();
  HEDDLE_REAL(srandom)(1);
  unsigned short zero[3] = {};
  HEDDLE_REAL(seed48)(zero);
}

}  // namespace

void heddle::sim::fill_with_random_bytes(execution& machine, void* buffer, std::size_t size) noexcept {
  auto* at = static_cast<unsigned char*>(buffer);
  while (size > 0) {
    const std::uint64_t number = next_number(machine);
    const std::size_t taken = size < sizeof number ? size : sizeof number;
    std::memcpy(at, &number, taken);
    at += taken;
    size -= taken;
  }
}

extern "C" {

// ---------------------------------------------------------------- entropy

HEDDLE_REPLACEABLE ssize_t getrandom(void* buffer, size_t size, unsigned flags) {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(getrandom)(buffer, size, flags);
  fill_with_random_bytes(*machine, buffer, size);
  return static_cast<ssize_t>(size);
}

HEDDLE_REPLACEABLE int getentropy(void* buffer, size_t size) {
  execution* const machine = running();
  constexpr size_t size_max = 256;
  if (machine == nullptr || size > size_max) return HEDDLE_REAL(getentropy)(buffer, size);
  fill_with_random_bytes(*machine, buffer, size);
  return 0;
}

#if __GLIBC_PREREQ(2, 36)
std::uint32_t arc4random() noexcept {
  execution* const machine = running();
  return machine == nullptr ? HEDDLE_REAL(arc4random)() : static_cast<std::uint32_t>(next_number(*machine));
}

void arc4random_buf(void* buffer, size_t size) noexcept {
  execution* const machine = running();
  if (machine == nullptr) {
    HEDDLE_REAL(arc4random_buf)(buffer, size);
    return;
  }
  fill_with_random_bytes(*machine, buffer, size);
}

std::uint32_t arc4random_uniform(std::uint32_t bound) noexcept {
  execution* const machine = running();
  if (machine == nullptr) return HEDDLE_REAL(arc4random_uniform)(bound);
  return static_cast<std::uint32_t>(((next_number(*machine) >> 32) * bound) >> 32);
}
#endif

// std::random_device, whatever its token: it would ask the processor, which nothing intercepts.
std::uint32_t heddle_random_device_value(void* device) asm("_ZNSt13random_device9_M_getvalEv");
std::uint32_t heddle_random_device_value(void* device) {
  execution* const machine = running();
  if (machine != nullptr) return static_cast<std::uint32_t>(next_number(*machine));
  return next_definition<std::uint32_t(void*)>("_ZNSt13random_device9_M_getvalEv")(device);
}

// ---------------------------------------------------------------- libc's generators

int rand() noexcept {
  begin_libc_sequence();
  return HEDDLE_REAL(rand)();
}

void srand(unsigned seed) noexcept {
  begin_libc_sequence();
  HEDDLE_REAL(srand)(seed);
}

HEDDLE_REPLACEABLE long random() noexcept {
  begin_libc_sequence();
  return HEDDLE_REAL(random)();
}

HEDDLE_REPLACEABLE void srandom(unsigned seed) noexcept {
  begin_libc_sequence();
  HEDDLE_REAL(srandom)(seed);
}

HEDDLE_REPLACEABLE double drand48() noexcept {
  begin_libc_sequence();
  return HEDDLE_REAL(drand48)();
}

HEDDLE_REPLACEABLE long lrand48() noexcept {
  begin_libc_sequence();
  return HEDDLE_REAL(lrand48)();
}

HEDDLE_REPLACEABLE long mrand48() noexcept {
  begin_libc_sequence();
  return HEDDLE_REAL(mrand48)();
}

HEDDLE_REPLACEABLE void srand48(long seed) noexcept {
  begin_libc_sequence();
  HEDDLE_REAL(srand48)(seed);
}

HEDDLE_REPLACEABLE unsigned short* seed48(unsigned short* seed) noexcept {
  begin_libc_sequence();
  return HEDDLE_REAL(seed48)(seed);
}

HEDDLE_REPLACEABLE void lcong48(unsigned short* parameters) noexcept {
  begin_libc_sequence();
  HEDDLE_REAL(lcong48)(parameters);
}

}  // extern "C"
