#include "tls_image.hpp"

#include <cstdint>
#include <string_view>

#include <link.h>

namespace heddle::sim {

namespace {

bool belongs_to_the_os_thread(std::string_view module) {
  const std::size_t slash = module.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? module : module.substr(slash + 1);
  return name.starts_with("libc.so") || name.starts_with("ld-linux") || name.starts_with("libc-");
}

}  // namespace

int tls_layout::visit(dl_phdr_info* info, std::size_t, void* self) {
  auto& layout = *static_cast<tls_layout*>(self);
  if (info->dlpi_tls_data == nullptr || belongs_to_the_os_thread(info->dlpi_name)) return 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info->dlpi_phdr[i];
    if (header.p_type != PT_TLS || header.p_memsz == 0) continue;
    const auto* content = reinterpret_cast<const std::byte*>(info->dlpi_addr + header.p_vaddr);
    const std::size_t offset = layout.image_size_;
    layout.blocks_.push_back({static_cast<std::byte*>(info->dlpi_tls_data), header.p_memsz, offset});
    layout.image_size_ = (offset + header.p_memsz + 15) & ~std::size_t{15};
    layout.initial_.resize(layout.image_size_);
    std::memcpy(layout.initial_.data() + offset, content, header.p_filesz);
  }
  return 0;
}

void tls_layout::discover() {
  blocks_.clear();
  initial_.clear();
  image_size_ = 0;
  dl_iterate_phdr(&tls_layout::visit, this);
}

}  // namespace heddle::sim
