// Files that are there whole or not at all, whenever the process or the machine ends.
#pragma once

#include <filesystem>
#include <string_view>

namespace heddle::check {

// Writes beside the place, waits until the disk has it, and renames: whoever reads the folder meanwhile sees the old
// file or the new one. Returns whether that came about.
bool replace_file(const std::filesystem::path& path, std::string_view content);

// Whether the name is that of a file which replace_file was writing: one that was left behind may be deleted.
bool is_unfinished_file(const std::filesystem::path& path);

}  // namespace heddle::check
