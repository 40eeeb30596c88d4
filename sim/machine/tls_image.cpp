#include "tls_image.hpp"

#include "state.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

#include <link.h>

namespace heddle::sim {

namespace {

bool belongs_to_the_os_thread(std::string_view module) {
  const std::size_t slash = module.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? module : module.substr(slash + 1);
  // The last two are what reports read debug information with.
  constexpr std::string_view those[] = {"libc.so", "libc-", "ld-linux", "libdw", "libelf"};
  return std::any_of(std::begin(those), std::end(those), [&](std::string_view one) { return name.starts_with(one); });
}

int collect(dl_phdr_info* info, std::size_t, void* into) {
  if (info->dlpi_tls_data == nullptr) return 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info->dlpi_phdr[i];
    if (header.p_type != PT_TLS || header.p_memsz == 0) continue;
    static_cast<host_vector<tls_module>*>(into)->push_back(
        {.live = static_cast<std::byte*>(info->dlpi_tls_data),
         .size = header.p_memsz,
         .content = reinterpret_cast<const std::byte*>(info->dlpi_addr + header.p_vaddr),
         .content_size = header.p_filesz,
         .of_the_os_thread = belongs_to_the_os_thread(info->dlpi_name)});
  }
  return 0;
}

}  // namespace

host_vector<tls_module> modules_with_thread_locals() {
  host_vector<tls_module> found;
  dl_iterate_phdr(&collect, &found);
  return found;
}

void tls_layout::discover() {
  own_ = blocks_of_threads_.discover();
  if (own_) return;
  host_vector<tls_module> found = modules_with_thread_locals();
  std::erase_if(found, [](const tls_module& one) { return one.of_the_os_thread; });
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.live < b.live; });
  blocks_.clear();
  initial_.clear();
  for (const tls_module& one : found) {
    // The linker lays the blocks of small modules side by side: swapped as one.
    if (!blocks_.empty() && blocks_.back().live + blocks_.back().size == one.live) {
      blocks_.back().size += one.size;
    } else {
      initial_.resize((initial_.size() + image_alignment - 1) & ~(image_alignment - 1));
      blocks_.push_back({.live = one.live, .size = one.size, .offset = initial_.size()});
    }
    initial_.insert(initial_.end(), one.content, one.content + one.content_size);
    initial_.resize(blocks_.back().offset + blocks_.back().size);
  }
  host_.resize(initial_.size());
  list_words();
}

std::byte* tls_layout::leave_host(std::byte* first, bool goes_on_with_the_hosts) {
  if (own_) {
    if (goes_on_with_the_hosts) return blocks_of_threads_.of_the_host();
    tls_blocks::enter(first);
    return first;
  }
  save(host_.data());
  if (goes_on_with_the_hosts) save(first);
  load(first);
  return first;
}

void tls_layout::return_to_host() const noexcept {
  if (own_) {
    tls_blocks::enter(blocks_of_threads_.of_the_host());
    set_inactive();
  } else {
    load(host_.data());
  }
}

void tls_layout::list_words() {
  words_.clear();
  if (initial_.size() > words_max * sizeof(word)) return;
  const void* const set_by_each_switch[] = {&detail::active, &detail::interleaving};
  for (const block& one : blocks_) {
    if (one.size % sizeof(word) != 0) {
      words_.clear();
      return;
    }
    for (std::size_t at = 0; at != one.size; at += sizeof(word)) {
      std::byte* const live = one.live + at;
      if (std::find(std::begin(set_by_each_switch), std::end(set_by_each_switch), live) != std::end(set_by_each_switch))
        continue;
      words_.push_back({.live = live, .offset = one.offset + at});
    }
  }
}

}  // namespace heddle::sim
