#include "cli/corpus/store.hpp"

#include "cli/errors.hpp"
#include "report/durable_file.hpp"

#include <chrono>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

#include <fmt/format.h>

namespace heddle::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view marker_name = "heddle-corpus";
constexpr std::string_view marker_text = "heddle-corpus 1\n";
constexpr int attempts_max = 100;  // to read a folder that others compact meanwhile
constexpr auto unfinished_kept = std::chrono::hours(24);

std::optional<std::string> content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> all;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    if (!check::is_unfinished_file(entry.path())) all.push_back(entry.path());
  }
  return all;
}

}  // namespace

corpus_store::corpus_store(fs::path folder, missing if_missing) : folder_(std::move(folder)) {
  std::error_code failed;
  const auto marker = content_of(folder_ / marker_name);
  if (marker && *marker == marker_text) return;
  if (marker) {
    throw usage_error(fmt::format("{} is a corpus of another version of heddle ({})", folder_.string(),
                                  marker->substr(0, marker->find('\n'))));
  }
  const bool exists = fs::exists(folder_, failed);
  if (exists && !fs::is_directory(folder_, failed)) throw usage_error(fmt::format("{} is no folder", folder_.string()));
  if (!exists && if_missing == missing::wrong)
    throw usage_error(fmt::format("there is no folder {}", folder_.string()));
  if (if_missing == missing::wrong) throw usage_error(fmt::format("{} is no corpus of heddle", folder_.string()));
  for (const auto& one : files_in(folder_)) {
    // Of another process that is making it at this moment.
    if (one.filename() == "records" || one.filename() == "packs" || one.filename() == "reports") continue;
    if (one.filename() == marker_name) continue;
    throw usage_error(fmt::format("{} contains other files ({}): a corpus wants a folder of its own", folder_.string(),
                                  one.filename().string()));
  }
  for (const char* const part : {"records", "packs", "reports"}) {
    fs::create_directories(folder_ / part, failed);
    if (failed) throw usage_error(fmt::format("{} cannot be made: {}", (folder_ / part).string(), failed.message()));
  }
  write(folder_ / marker_name, std::string(marker_text));
}

void corpus_store::write(const fs::path& path, const std::string& content) const {
  std::error_code failed;
  if (fs::exists(path, failed)) return;  // the same, by its name
  if (!check::replace_file(path, content)) throw usage_error(fmt::format("{} cannot be written", path.string()));
}

bool corpus_store::read_file(const fs::path& path) {
  const auto content = content_of(path);
  if (!content) return false;
  std::string_view rest = *content;
  bool damaged = false;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const auto fact = parse_record(rest.substr(0, end));
    if (fact) {
      state_.add(*fact);
    } else {
      damaged = true;
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (damaged) {
    damaged_.push_back(path.string());
  } else {
    sources_.push_back(path);
  }
  return true;
}

bool corpus_store::load_once() {
  sources_.clear();
  damaged_.clear();
  // Records first: what is moved to a pack meanwhile is then found there, or missed here, which begins anew.
  for (const char* const part : {"records", "packs"}) {
    for (const fs::path& one : files_in(folder_ / part)) {
      if (!read_file(one)) return false;
    }
  }
  return true;
}

const corpus_state& corpus_store::load() {
  for (int attempt = 0; !load_once(); ++attempt) {
    if (attempt == attempts_max) throw usage_error(fmt::format("{} cannot be read", folder_.string()));
  }
  return state_;
}

void corpus_store::add(const record& what) {
  if (!state_.add(what)) return;
  const std::string line = to_line(what) + '\n';
  const fs::path path = folder_ / "records" / content_id(line);
  write(path, line);
  const auto* const progress = std::get_if<progress_record>(&what);
  if (progress == nullptr) return;
  fs::path& own = own_progress_[{progress->program, progress->test, progress->writer}];
  std::error_code failed;
  if (!own.empty() && own != path) fs::remove(own, failed);
  own = path;
}

void corpus_store::compact() {
  load();
  std::string content;
  for (const std::string& line : state_.lines()) content += line + '\n';
  const fs::path pack = folder_ / "packs" / content_id(content);
  if (!content.empty()) write(pack, content);
  std::error_code failed;
  for (const fs::path& one : sources_) {
    if (one != pack) fs::remove(one, failed);
  }
  sources_.assign(1, pack);
  for (const char* const part : {"records", "packs"}) delete_unfinished(folder_ / part);
}

void corpus_store::delete_unfinished(const fs::path& folder) const {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    if (!check::is_unfinished_file(entry.path())) continue;
    const auto written = fs::last_write_time(entry.path(), failed);
    if (!failed && fs::file_time_type::clock::now() - written > unfinished_kept) fs::remove(entry.path(), failed);
  }
}

std::string corpus_store::inside(const std::string& token) const {
  std::error_code failed;
  const std::string folder = (fs::absolute(folder_, failed).lexically_normal() / "").string();
  return token.starts_with(folder) ? token.substr(folder.size()) : token;
}

std::string corpus_store::outside(const std::string& token) const {
  if (!token.starts_with("reports/")) return token;
  std::error_code failed;
  return (fs::absolute(folder_, failed).lexically_normal() / token).string();
}

std::vector<fs::path> corpus_store::files_of_reports(std::string_view extension) const {
  std::vector<fs::path> all;
  for (const fs::path& build : files_in(folder_ / "reports")) {
    for (const fs::path& one : files_in(build)) {
      if (one.extension() == extension) all.push_back(one);
    }
  }
  return all;
}

}  // namespace heddle::cli
