// A corpus on disk: a folder that any number of processes may write to at once, and that survives each of them.
//
// How it works.
//
//     heddle-corpus             says that it is one
//     records/<id>              a fact, written beside and renamed; its name is the hash of what it contains
//     packs/<id>                many facts, one a line
//     reports/<build>/...       whole reports, as HEDDLE_REPORT_DIR gets them: the test binaries write them
//
// No file is ever changed. A file that is there is whole, since it came by a rename. Facts are added one by one; now
// and then those that still matter are written to one pack, and only then is what that pack contains deleted. Two
// processes that do so at once write two packs that say the same. Who reads while files vanish begins anew.
//
// So there are no locks, and nothing to repair after a crash but files that were never finished, which are deleted
// after a day.
//
// Thread safety: one object belongs to one thread; any number of objects and processes may share a folder.
//
// Invariants.
//   1. A fact that was added is in the folder at any time after, in a record or a pack, or a later one has taken its
//   place.
//   2. What is loaded is the state of a set of facts that contains all that were there when loading began.
#pragma once

#include "cli/corpus/state.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::cli {

class corpus_store {
 public:
  enum class missing : std::uint8_t { made, wrong };

  // Opens the folder, or makes it. Throws usage_error if it is something else or cannot be used.
  corpus_store(std::filesystem::path folder, missing if_missing);

  // All that is known. Remembers which files said it, for compact().
  const corpus_state& load();
  const corpus_state& state() const noexcept { return state_; }
  // Adds the fact to the state and, safely, to the folder. What it takes the place of is deleted, if this object added
  // it.
  void add(const record& what);
  // Adds the facts of another corpus to the state only: compact() writes them.
  void join(const corpus_state& other) { state_.join(other); }
  // Writes the state as one pack and deletes the files that were loaded.
  void compact();
  // Whether compact() is worth it.
  bool is_scattered() const noexcept { return sources_.size() > files_max; }

  const std::filesystem::path& folder() const noexcept { return folder_; }
  std::filesystem::path reports_of(const std::string& build) const { return folder_ / "reports" / build; }
  // The JSON of each report; and the files of tokens that are too long for a line.
  std::vector<std::filesystem::path> reports() const { return files_of_reports(".json"); }
  std::vector<std::filesystem::path> token_files() const { return files_of_reports(".token"); }
  // A token as a fact has it, and as a test binary takes it: a file in this folder is named from the folder on.
  std::string inside(const std::string& token) const;
  std::string outside(const std::string& token) const;
  // Files that said nothing intelligible when it was loaded.
  const std::vector<std::string>& damaged() const noexcept { return damaged_; }

 private:
  static constexpr std::size_t files_max = 64;

  std::vector<std::filesystem::path> files_of_reports(std::string_view extension) const;
  bool load_once();
  bool read_file(const std::filesystem::path& path);
  void delete_unfinished(const std::filesystem::path& folder) const;
  void write(const std::filesystem::path& path, const std::string& content) const;

  const std::filesystem::path folder_;
  corpus_state state_;
  std::vector<std::filesystem::path> sources_;
  std::map<progress_key, std::filesystem::path> own_progress_;
  std::vector<std::string> damaged_;
};

}  // namespace heddle::cli
