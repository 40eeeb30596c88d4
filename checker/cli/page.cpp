// One page for a browser with all that a command found: a list, and behind each finding the page of its report.
//
// How it works. The pages of reports are those that HEDDLE_REPORT_DIR gets. The template is in this page once, each
// report once as data, and a finding that is opened becomes a frame of the two. No server, no other file, nothing from
// the network.
#include "cli/results.hpp"
#include "report/html.hpp"

#include <fmt/format.h>

namespace heddle::cli {

namespace {

constexpr std::string_view style = R"(
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
code, pre { font: 13px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; max-height: 24rem; overflow: auto; }
details { border: 1px solid #8884; border-radius: 6px; padding: .5rem .75rem; margin: .5rem 0; }
summary { cursor: pointer; }
.bad { color: #c0392b; font-weight: 600; }
.good { color: #1e8449; }
iframe { width: 100%; height: 80vh; border: 0; margin-top: .5rem; }
)";

// Opens the report of a finding in a frame when it is first looked at.
constexpr std::string_view script = R"(
"use strict";
const template = document.getElementById("template").content.textContent;
for (const one of document.querySelectorAll("details[data-report]")) {
  one.addEventListener("toggle", () => {
    if (!one.open || one.querySelector("iframe")) return;
    const data = document.getElementById(one.dataset.report).textContent;
    const frame = document.createElement("iframe");
    frame.title = "report";
    frame.srcdoc = template.replace("<!-- data -->", () => data);
    one.append(frame);
  });
}
)";

// As report/html.cpp writes it into a script element.
std::string escaped_for_script(std::string_view json) {
  std::string result;
  for (const char letter : json) result += letter == '<' ? std::string("\\u003c") : std::string(1, letter);
  return result;
}

bool is_good(const test_entry& one) {
  return one.outcome == "passed" || one.outcome == "proved" || one.outcome == "skipped";
}

std::string row_of(const test_entry& one) {
  return fmt::format("<tr><td>{}</td><td>{}</td><td class=\"{}\">{}</td><td class=\"number\">{}</td></tr>\n",
                     escaped_for_markup(one.program), escaped_for_markup(one.name), is_good(one) ? "good" : "bad",
                     one.outcome, one.schedules);
}

class finding_list {
 public:
  void add(const test_entry& test) {
    for (const finding_entry& one : test.findings) add(test, one);
    if (!test.findings.empty() || is_good(test)) return;
    shown_ +=
        fmt::format("<details><summary><b class=\"bad\">{}</b> {}: {}</summary><pre>{}</pre></details>\n", test.outcome,
                    escaped_for_markup(test.name), escaped_for_markup(test.end), escaped_for_markup(test.output));
  }
  const std::string& shown() const noexcept { return shown_; }
  const std::string& data() const noexcept { return data_; }

 private:
  void add(const test_entry& test, const finding_entry& one) {
    const std::string id = fmt::format("report-{}", count_++);
    const bool whole = !one.report.is_null();
    shown_ +=
        fmt::format("<details{}><summary><b class=\"bad\">{}</b> {}{}: {}</summary><p><code>{}</code></p></details>\n",
                    whole ? fmt::format(" data-report=\"{}\"", id) : "", one.kind, escaped_for_markup(test.name),
                    one.state.empty() ? "" : fmt::format(" ({})", one.state),
                    escaped_for_markup(one.message.substr(0, one.message.find('\n'))), escaped_for_markup(one.replay));
    if (!whole) return;
    const std::string json = one.report.dump(-1, ' ', false, json::error_handler_t::replace);
    data_ += fmt::format("<script type=\"application/json\" id=\"{}\">{}</script>\n", id, escaped_for_script(json));
  }

  std::size_t count_ = 0;
  std::string shown_;
  std::string data_;
};

}  // namespace

std::string to_page(const results& what) {
  finding_list findings;
  std::string rows;
  for (const test_entry& one : what.tests) {
    findings.add(one);
    rows += row_of(one);
  }
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>heddle: {0}</title>\n"
      "<style>{1}</style>\n</head>\n<body>\n<h1>{2}</h1>\n<p>{0}</p>\n<h2>Findings</h2>\n{3}"
      "<h2>Tests</h2>\n<table>\n<tr><th>binary</th><th>test</th><th>outcome</th><th>schedules</th></tr>\n{4}</table>\n"
      "<template id=\"template\">{5}</template>\n{6}<script>{7}</script>\n</body>\n</html>\n",
      escaped_for_markup(what.summary), style, escaped_for_markup(what.command),
      findings.shown().empty() ? "<p>None.</p>\n" : findings.shown(), rows, escaped_for_markup(check::report_page()),
      findings.data(), script);
}

}  // namespace heddle::cli
