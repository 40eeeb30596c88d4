// `heddle merge`: the facts and reports of several corpora in one.
//
// How it works. The facts are joined (corpus/state.hpp) and written as one pack. Of a report that several corpora have
// in different versions, the shortest JSON is taken, and of equally long ones the first in alphabetical order: the
// result is the same in any order.
#include "cli/commands.hpp"
#include "cli/corpus/store.hpp"
#include "cli/errors.hpp"
#include "report/durable_file.hpp"

#include <fstream>
#include <iterator>

#include <fmt/format.h>

namespace heddle::cli {

namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool is_better(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

// The JSON last: where it is, the others are.
void copy_report(const fs::path& from, const fs::path& to) {
  for (const char* const end : {".txt", ".html", ".json"}) {
    fs::path source = from;
    fs::path target = to;
    source.replace_extension(end);
    target.replace_extension(end);
    std::error_code failed;
    if (!fs::exists(source, failed)) continue;
    if (!check::replace_file(target, content_of(source))) {
      throw usage_error(fmt::format("{} cannot be written", target.string()));
    }
  }
}

void merge_reports(const corpus_store& from, const corpus_store& into) {
  for (const fs::path& token : from.token_files()) {
    const fs::path target = into.reports_of(token.parent_path().filename()) / token.filename();
    std::error_code failed;
    fs::create_directories(target.parent_path(), failed);
    if (!fs::exists(target, failed)) check::replace_file(target, content_of(token));
  }
  for (const fs::path& report : from.reports()) {
    const fs::path target = into.reports_of(report.parent_path().filename()) / report.filename();
    std::error_code failed;
    fs::create_directories(target.parent_path(), failed);
    if (!fs::exists(target, failed) || is_better(content_of(report), content_of(target))) copy_report(report, target);
  }
}

}  // namespace

int run_merge(const merge_options& chosen) {
  // All are looked at before anything is written.
  std::vector<corpus_store> others;
  for (std::size_t i = 1; i < chosen.folders.size(); ++i) {
    others.emplace_back(chosen.folders[i], corpus_store::missing::wrong);
  }
  corpus_store into(chosen.folders.front(), corpus_store::missing::made);
  into.load();
  for (corpus_store& one : others) {
    one.load();
    into.join(one.state());
    merge_reports(one, into);
    for (const std::string& damaged : one.damaged()) fmt::print(stderr, "heddle: note: {} is damaged\n", damaged);
  }
  into.compact();
  fmt::print("{}: {} findings, {} counts of schedules\n", chosen.folders.front(), into.state().findings().size(),
             into.state().progress().size());
  return nothing_found;
}

}  // namespace heddle::cli
