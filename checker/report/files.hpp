// The files of a report: text, JSON and a page, named after the test and the signature of the first finding.
#pragma once

#include "heddle/check/report.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace heddle::check {

// Without its end, such as "Queue.Push-b340e06973b43530".
std::string report_file_name(const std::string& test, const std::string& signature);

// Writes them, the folder too; the JSON first, which the others can be made of. The path of the one that could not be
// written, if there is one.
std::optional<std::filesystem::path> write_report_files(const report& what, const std::filesystem::path& folder);

}  // namespace heddle::check
