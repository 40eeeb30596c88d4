#include "tls_blocks.hpp"

#include "address_sanitizer.hpp"
#include "arch.hpp"
#include "tls_image.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <dlfcn.h>
#include <link.h>

namespace heddle::sim {

namespace {

// What ld.so knows of the static area: its size, libc's record included, and its alignment.
bool ask_loader(std::size_t& size, std::size_t& alignment) noexcept {
  using function = void (*)(std::size_t*, std::size_t*);
  const auto ask = reinterpret_cast<function>(dlvsym(RTLD_DEFAULT, "_dl_get_tls_static_info", "GLIBC_PRIVATE"));
  if (ask == nullptr) return false;
  ask(&size, &alignment);
  return true;
}

// Of libc's record of a thread; debuggers ask for it likewise.
std::size_t record_size() noexcept {
  const auto* const size =
      static_cast<const std::uint32_t*>(dlvsym(RTLD_DEFAULT, "_thread_db_sizeof_pthread", "GLIBC_PRIVATE"));
  return size == nullptr ? 0 : *size;
}

constexpr std::size_t rounded_up(std::size_t size, std::size_t unit) noexcept {
  return (size + unit - 1) / unit * unit;
}

}  // namespace

constinit bool tls_blocks::wanted = true;

bool tls_blocks::discover() {
  if (!wanted || address_sanitizer::present() || !arch::may_set_thread_pointer() || arch::runs_in_valgrind())
    return false;
  std::size_t size = 0;
  const std::size_t above = record_size();
  if (above == 0 || !ask_loader(size, alignment_) || size <= above) return false;
  host_ = arch::thread_pointer();
  below_ = size - above;
  content_.assign(host_ - below_, host_ + above);
  int& error = errno;
  std::memset(content_.data() + (reinterpret_cast<std::byte*>(&error) - (host_ - below_)), 0, sizeof error);

  const dtv_entry* const dtv = dtv_of(host_);
  const std::size_t entries = dtv[-1].block + 1;
  dtv_.assign(dtv, dtv + entries);
  dtv_.resize(entries + spare_modules);
  describe_modules(reinterpret_cast<std::uintptr_t>(host_ - below_), reinterpret_cast<std::uintptr_t>(host_));
  list_what_begins_anew(reinterpret_cast<std::uintptr_t>(host_ - below_), reinterpret_cast<std::uintptr_t>(host_));
  static constinit std::uintptr_t contents = 0x6865'6464'6c65'0000;
  stamp_ = reinterpret_cast<void*>(++contents);
  dtv_size_ = (dtv_.size() + 1) * sizeof(dtv_entry);
  // So that the variables lie at the same distance from multiples of the alignment as the OS thread's.
  const std::size_t unaligned = reinterpret_cast<std::uintptr_t>(host_ - below_) % alignment_;
  padding_ = rounded_up(dtv_size_, alignment_) - dtv_size_ + unaligned;
  return true;
}

// Initial values for the modules in the static area, which is from `begin` to `end`, and where their blocks are.
void tls_blocks::describe_modules(std::uintptr_t begin, std::uintptr_t end) {
  for (const tls_module& one : modules_with_thread_locals()) {
    const auto live = reinterpret_cast<std::uintptr_t>(one.live);
    if (one.of_the_os_thread || live < begin || live >= end) continue;
    std::byte* const at = content_.data() + (live - begin);
    std::memcpy(at, one.content, one.content_size);
    std::memset(at + one.content_size, 0, one.size - one.content_size);
  }
  in_static_area_.clear();
  made_on_use_.clear();
  for (std::size_t module = 1; module < dtv_.size(); ++module) {
    dtv_entry& entry = dtv_[module];
    if (entry.block >= begin && entry.block < end) {
      entry.block -= end;
      in_static_area_.push_back(module);
    } else if (entry.block != 0) {
      entry.block = unallocated;
      made_on_use_.push_back(module);
    }
    entry.to_free = nullptr;
  }
}

// The variables of all modules in the static area. What lies between them nobody uses, and what libc's record says is
// the OS thread's business.
void tls_blocks::list_what_begins_anew(std::uintptr_t begin, std::uintptr_t end) {
  host_vector<tls_module> modules = modules_with_thread_locals();
  std::sort(modules.begin(), modules.end(), [](const auto& a, const auto& b) { return a.live < b.live; });
  anew_.clear();
  for (const tls_module& one : modules) {
    const auto live = reinterpret_cast<std::uintptr_t>(one.live);
    if (live < begin || live >= end) continue;
    const part added{.from = live - begin, .size = one.size};
    if (!anew_.empty() && added.from - (anew_.back().from + anew_.back().size) < 64) {
      anew_.back().size = added.from + added.size - anew_.back().from;
    } else {
      anew_.push_back(added);
    }
  }
}

std::byte* tls_blocks::make(std::byte* memory) const noexcept {
  auto* const table = reinterpret_cast<dtv_entry*>(memory) + 1;
  std::byte* const pointer = memory + dtv_size_ + padding_ + below_;
  if (table[-1].to_free == stamp_) {
    for (const part& one : anew_) std::memcpy(pointer - below_ + one.from, content_.data() + one.from, one.size);
  } else {
    std::memcpy(pointer - below_, content_.data(), content_.size());
    table[-1] = {.block = dtv_.size() - 1, .to_free = stamp_};
  }
  std::memcpy(table, dtv_.data(), dtv_.size() * sizeof(dtv_entry));
  for (const std::size_t module : in_static_area_) table[module].block += reinterpret_cast<std::uintptr_t>(pointer);
  auto& record = *reinterpret_cast<thread_record*>(pointer);
  record.itself = pointer;
  record.dtv = table;
  return pointer;
}

void tls_blocks::give_back(std::byte* pointer) const noexcept {
  dtv_entry* const table = dtv_of(pointer);
  const auto give_back_one = [&](std::size_t module) {
    dtv_entry& entry = table[module];
    if (entry.to_free == nullptr) return;
    std::free(entry.to_free);
    entry = {.block = unallocated, .to_free = nullptr};
  };
  // Of the same generation, the table knows of no module that was loaded since.
  if (table[0].block == dtv_[0].block) {
    for (const std::size_t module : made_on_use_) give_back_one(module);
  } else {
    for (std::size_t module = 1; module < dtv_.size(); ++module) give_back_one(module);
  }
}

}  // namespace heddle::sim
