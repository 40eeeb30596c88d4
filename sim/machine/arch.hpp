// The architecture-dependent lines of heddle: x86-64 Linux. Everything else is portable C++.
//
// Context switches themselves are Boost.Context's, which covers AArch64 as well.
#pragma once

#include <cstddef>
#include <cstdint>

#include <sys/auxv.h>
#include <ucontext.h>

#if !defined(__x86_64__)
#error "heddle's machine is ported to x86-64 only; sim/machine/arch.hpp is the file to extend"
#endif

namespace heddle::sim::arch {

// The instruction that a signal interrupted.
inline std::uintptr_t interrupted_pc(const ucontext_t& context) noexcept {
  return static_cast<std::uintptr_t>(context.uc_mcontext.gregs[REG_RIP]);
}

// Where a function that was just entered would return to, and its first argument, were the interrupted instruction its
// first.
inline std::uintptr_t return_address_at_entry(const ucontext_t& context) noexcept {
  return *reinterpret_cast<const std::uintptr_t*>(context.uc_mcontext.gregs[REG_RSP]);
}
inline std::uintptr_t argument_at_entry(const ucontext_t& context) noexcept {
  return static_cast<std::uintptr_t>(context.uc_mcontext.gregs[REG_RDI]);
}

// Makes the interrupted thread go on in `function`, which must not return, on the stack that ends at
// `stack_top` (16-byte aligned), once the signal handler returns.
inline void continue_in(ucontext_t& context, void (*function)(), void* stack_top) noexcept {
  context.uc_mcontext.gregs[REG_RIP] = reinterpret_cast<greg_t>(function);
  // The ABI's alignment at a function's entry: as if a call had just pushed a return address.
  context.uc_mcontext.gregs[REG_RSP] = reinterpret_cast<greg_t>(stack_top) - 8;
}

// Of whoever calls it.
[[gnu::always_inline]] inline std::uintptr_t stack_pointer() noexcept {
  std::uintptr_t result = 0;
  asm volatile("movq %%rsp, %0" : "=r"(result));
  return result;
}

// The register that the code finds thread-local variables by, and whether the processor and the kernel (5.9) let a
// program set it.
inline std::byte* thread_pointer() noexcept {
  std::byte* result = nullptr;
  asm volatile("rdfsbase %0" : "=r"(result));
  return result;
}
inline void set_thread_pointer(std::byte* pointer) noexcept {
  asm volatile("wrfsbase %0" : : "r"(pointer) : "memory");
}
inline bool may_set_thread_pointer() noexcept {
  constexpr unsigned long fsgsbase = 1UL << 1;
  return (getauxval(AT_HWCAP2) & fsgsbase) != 0;
}

// It emulates processors without those instructions, but shows the kernel's word that they are there. To ask is its
// documented sequence of instructions, which do nothing on a processor.
inline bool runs_in_valgrind() noexcept {
  constexpr std::uint64_t running_on_valgrind = 0x1001;
  const std::uint64_t request[] = {running_on_valgrind, 0, 0, 0, 0, 0};
  std::uint64_t answer = 0;
  asm volatile("rolq $3, %%rdi; rolq $13, %%rdi; rolq $61, %%rdi; rolq $51, %%rdi; xchgq %%rbx, %%rbx"
               : "=d"(answer)
               : "a"(&request[0]), "0"(answer)
               : "cc", "memory");
  return answer != 0;
}

__extension__ using wide_word = unsigned __int128;

// The one 16-byte atomic operation of the processor; the compilers leave it to a library. Returns the
// value before, which equals `expected` when `desired` was stored. REQUIRES: 16-byte alignment, writable.
inline wide_word compare_and_swap(volatile wide_word* address, wide_word expected, wide_word desired) noexcept {
  auto low = static_cast<std::uint64_t>(expected);
  auto high = static_cast<std::uint64_t>(expected >> 64);
  asm volatile("lock cmpxchg16b %0"
               : "+m"(*address), "+a"(low), "+d"(high)
               : "b"(static_cast<std::uint64_t>(desired)), "c"(static_cast<std::uint64_t>(desired >> 64))
               : "cc", "memory");
  return (static_cast<wide_word>(high) << 64) | low;
}

// Read-modify-writes in one instruction without the bus lock: no signal handler of this OS thread sees half of
// one, another OS thread might. A fifth of the time of their locked twins. They return the value before.
template <typename Word>
Word compare_and_swap_alone(volatile Word* address, Word expected, Word desired) noexcept {
  asm volatile("cmpxchg %2, %1" : "+a"(expected), "+m"(*address) : "r"(desired) : "cc", "memory");
  return expected;
}
template <typename Word>
Word fetch_add_alone(volatile Word* address, Word value) noexcept {
  asm volatile("xadd %0, %1" : "+r"(value), "+m"(*address) : : "cc", "memory");
  return value;
}

// Sets `size` bytes, a multiple of 16, at a multiple of 16. Not memset, which an execution's programs may see.
inline void fill(void* to, std::uint8_t byte, std::size_t size) noexcept {
  using wide [[gnu::vector_size(16), gnu::may_alias]] = std::uint8_t;
  const wide value = wide{} + byte;
  auto* at = static_cast<wide*>(to);
  const wide* const end = at + size / sizeof(wide);
  // The statement without an instruction keeps the compiler from making a memset of it.
  for (; end - at >= 4; at += 4) {
    at[0] = at[1] = at[2] = at[3] = value;
    asm volatile("" : : "r"(at) : "memory");
  }
  for (; at != end; ++at) {
    *at = value;
    asm volatile("" : : "r"(at) : "memory");
  }
}

// Copies bytes forward, likewise.
inline void copy(void* to, const void* from, std::size_t size) noexcept {
  asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
}

}  // namespace heddle::sim::arch

// Defines `_setjmp` and `__sigsetjmp`: both pass their buffer to the function named `before`, and go on in the one that
// it returns, as if that had been called in their place. `_setjmp(buffer)` is `__sigsetjmp(buffer, 0)`. At the entries
// the stack pointer is 8 beyond a multiple of 16.
#define HEDDLE_DEFINE_SETJMP(before)   \
  asm(".text\n"                        \
      ".p2align 4\n"                   \
      ".globl _setjmp\n"               \
      ".type _setjmp, @function\n"     \
      "_setjmp:\n"                     \
      "endbr64\n"                      \
      "xorl %esi, %esi\n"              \
      "jmp heddle_setjmp\n"            \
      ".size _setjmp, . - _setjmp\n"   \
      ".p2align 4\n"                   \
      ".globl __sigsetjmp\n"           \
      ".type __sigsetjmp, @function\n" \
      "__sigsetjmp:\n"                 \
      "endbr64\n"                      \
      "heddle_setjmp:\n"               \
      "pushq %rdi\n"                   \
      "pushq %rsi\n"                   \
      "subq $8, %rsp\n"                \
      "call " before                   \
      "\n"                             \
      "addq $8, %rsp\n"                \
      "popq %rsi\n"                    \
      "popq %rdi\n"                    \
      "jmp *%rax\n"                    \
      ".size __sigsetjmp, . - __sigsetjmp\n")
