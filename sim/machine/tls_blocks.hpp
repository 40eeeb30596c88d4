// Thread-local variables at addresses of their own: each virtual thread has a block of them, and a switch sets the
// register that the code finds it by.
//
// How it works. On x86-64 a thread's variables lie below the address in the register FS, the thread pointer, and libc's
// record of the thread above it. A new block is a copy of the OS thread's own at the time of discover(), with the
// initial values of all modules but those of libc and its kind (tls_image.hpp says which), and with the two words that
// say where the block is: its own address, and that of its table of the modules' blocks, the dtv. libc's pointer to its
// record stays the OS thread's: locks inside libc, as those of its streams, take all virtual threads for one, which
// they are as far as the kernel knows. Blocks of modules that were loaded later are made by ld.so at their first use,
// from the execution's memory; give_back() frees them.
//
// Limits. The kernel must let programs set the register (Linux 5.9, and a processor with FSGSBASE); otherwise, and
// under AddressSanitizer, which keeps a pointer of its own in its variables, threads share addresses: see
// tls_image.hpp. The variables of a library that is loaded inside an execution and was built with the initial-exec
// model begin as zeros.
#pragma once

#include "arch.hpp"
#include "host_memory.hpp"

#include <cstddef>
#include <cstdint>

namespace heddle::sim {

class tls_blocks {
 public:
  // Finds what new blocks are copied from; REQUIRES: called by the OS thread of the machine. False where threads cannot
  // have blocks of their own.
  bool discover();

  // The OS thread's own thread pointer.
  std::byte* of_the_host() const noexcept { return host_; }

  // Bytes of the memory of one block, and what its address is a multiple of.
  std::size_t size() const noexcept { return dtv_size_ + padding_ + content_.size(); }
  std::size_t alignment() const noexcept { return alignment_; }

  // Makes a block of `memory`, where one may have been made before, and returns its thread pointer.
  std::byte* make(std::byte* memory) const noexcept;
  // At the end of the thread. REQUIRES: a block that make() made.
  void give_back(std::byte* pointer) const noexcept;

  static void enter(std::byte* pointer) noexcept { arch::set_thread_pointer(pointer); }

  // Whether it is the address of a variable of the thread.
  bool contains(const std::byte* pointer, std::uintptr_t address) const noexcept {
    return address - reinterpret_cast<std::uintptr_t>(pointer - below_) < below_;
  }

  // Calls `visit(begin, size)` for the variables of the thread, and for what leads to those of modules loaded later.
  template <typename Visit>
  void for_each(std::byte* pointer, Visit visit) const {
    visit(pointer - below_, below_);
    const dtv_entry* const table = dtv_of(pointer);
    visit(table, table[-1].block * sizeof(dtv_entry));
  }

  // Whether threads have blocks of their own where they can; tests of what happens otherwise clear it.
  static constinit bool wanted;

 private:
  // As ld.so has it: entry -1 holds the number of entries, entry 0 the generation.
  struct dtv_entry {
    std::uintptr_t block;
    void* to_free;
  };
  // What libc's record of a thread begins with.
  struct thread_record {
    std::byte* itself;
    dtv_entry* dtv;
  };
  static constexpr std::uintptr_t unallocated = ~std::uintptr_t{0};
  // Entries beyond those that are in use: modules that may be loaded before ld.so wants a larger table.
  static constexpr std::size_t spare_modules = 32;

  static dtv_entry* dtv_of(std::byte* pointer) noexcept { return reinterpret_cast<thread_record*>(pointer)->dtv; }
  void describe_modules(std::uintptr_t begin, std::uintptr_t end);
  void list_what_begins_anew(std::uintptr_t begin, std::uintptr_t end);

  std::byte* host_ = nullptr;
  std::size_t below_ = 0;  // bytes of variables, which end at the thread pointer
  std::size_t alignment_ = 64;
  std::size_t padding_ = 0;
  std::size_t dtv_size_ = 0;
  host_vector<std::byte> content_;  // the variables, then libc's record
  // Numbers of modules, by where ld.so puts their variables.
  host_vector<std::size_t> in_static_area_;
  host_vector<std::size_t> made_on_use_;
  // The parts of it that begin anew in memory where a block was before.
  struct part {
    std::size_t from;
    std::size_t size;
  };
  host_vector<part> anew_;
  void* stamp_ = nullptr;       // in the table of blocks that are copies of this content, where ld.so looks for nothing
  host_vector<dtv_entry> dtv_;  // with the blocks of the static area as distances from the thread pointer
};

}  // namespace heddle::sim
