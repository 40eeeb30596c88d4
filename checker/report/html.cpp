#include "report/html.hpp"

#include "page_text.hpp"

namespace heddle::check {

namespace {

std::string escaped_for_html(std::string_view text) {
  std::string result;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      default:
        result += letter;
    }
  }
  return result;
}

// In JSON, `<` stands in strings only, where it may be written so.
std::string escaped_for_script(std::string_view json) {
  std::string result;
  result.reserve(json.size());
  for (const char letter : json) {
    if (letter == '<') {
      result += "\\u003c";
    } else {
      result += letter;
    }
  }
  return result;
}

void replace(std::string& page, std::string_view mark, std::string_view text) {
  const std::size_t at = page.find(mark);
  if (at != std::string::npos) page.replace(at, mark.size(), text);
}

}  // namespace

std::string report_page() {
  std::string page(page_html);
  replace(page, "/* style */", page_css);
  replace(page, "/* script */", page_js);
  return page;
}

std::string to_html(const report& what, std::string_view json) {
  std::string page = report_page();
  replace(page, "<!-- title -->", escaped_for_html(what.summary()));
  // Last: what stands in the data is never taken for a mark.
  replace(page, "<!-- data -->", escaped_for_script(json));
  return page;
}

}  // namespace heddle::check
