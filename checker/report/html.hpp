// The report as one page for a browser: no server, no other file, nothing from the network.
//
// How it works. The page is a template that is compiled in (page/), with the JSON of the report inlined as data. `<` in
// it is written as an escape of JSON, so that no text of a test can end the element that holds it.
#pragma once

#include "heddle/check/report.hpp"

#include <string>
#include <string_view>

namespace heddle::check {

// The page without a report: "<!-- data -->" stands where its JSON goes, with each `<` written as an escape.
std::string report_page();

// `json` is to_json(what).
std::string to_html(const report& what, std::string_view json);

}  // namespace heddle::check
