#include "symbols/names.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

namespace heddle::check {

namespace {

constexpr std::size_t template_arguments_max = 16;

// The position behind the bracket that closes the one at `open`, or the end.
std::size_t behind_bracket(std::string_view text, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < text.size(); ++i) {
    const char letter = text[i];
    const bool arrow = letter == '>' && i > 0 && text[i - 1] == '-';
    if (letter == '(' || letter == '<' || letter == '{') ++depth;
    if (letter == ')' || letter == '}' || (letter == '>' && !arrow)) --depth;
    if (depth == 0) return i + 1;
  }
  return text.size();
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// Copies what matters of a demangled name, piece by piece.
class shortener {
 public:
  explicit shortener(std::string_view name) : name_(name) {}

  std::string run() {
    while (at_ < name_.size()) step();
    return std::move(result_);
  }

 private:
  bool skips(std::string_view piece) {
    if (!name_.substr(at_).starts_with(piece)) return false;
    at_ += piece.size();
    return true;
  }

  void step() {
    if (skips("(anonymous namespace)::") || skips(" const") || skips(" volatile")) return;
    if (skips(" [clone")) {
      at_ = name_.size();
      return;
    }
    if (skips("operator")) return copy_operator();
    const char letter = name_[at_];
    if (letter == '{' || letter == '(') return skip_group(letter);
    if (letter == '<') return copy_template_arguments();
    ++at_;
    if (letter == ' ') {
      result_.clear();  // what came before was the return type
    } else {
      result_.push_back(letter);
    }
  }

  void copy_operator() {
    result_ += "operator";
    if (skips("()")) {
      result_ += "()";
      return;
    }
    const bool symbol =
        at_ < name_.size() && std::string_view("<>=!+-*/%^&|~,[] ").find(name_[at_]) != std::string_view::npos;
    if (!symbol) return;
    const std::size_t end = std::min(name_.find('(', at_), name_.size());
    result_ += name_.substr(at_, end - at_);
    at_ = end;
  }

  void skip_group(char open) {
    if (open == '{' && name_.substr(at_).starts_with("{lambda")) result_ += "lambda";
    at_ = behind_bracket(name_, at_);
  }

  void copy_template_arguments() {
    const std::size_t end = behind_bracket(name_, at_);
    const std::string_view arguments = name_.substr(at_, end - at_);
    const bool plain = arguments.find_first_of("({") == std::string_view::npos;
    result_ += plain && arguments.size() <= template_arguments_max ? arguments : std::string_view("<...>");
    at_ = end;
  }

  const std::string_view name_;
  std::size_t at_ = 0;
  std::string result_;
};

// Where this file is, without its path in the sources; what it stands in was compiled with it.
constexpr std::string_view own_sources() {
  constexpr std::string_view file = __FILE__;
  constexpr std::string_view path = "checker/symbols/names.cpp";
  return file.ends_with(path) ? file.substr(0, file.size() - path.size()) : std::string_view();
}

// Functions of C, by which programs come to the machine, are in no namespace of its own.
bool is_of_the_machine(std::string_view file) {
  constexpr std::string_view sources = own_sources();
  return !sources.empty() && file.starts_with(sources) && file.substr(sources.size()).starts_with("sim/");
}

}  // namespace

std::string short_name(std::string_view demangled) {
  std::string name = shortener(demangled).run();
  for (char digit = '0'; digit <= '9'; ++digit) replace_all(name, std::string("$_") + digit, "lambda");
  replace_all(name, "lambda::operator()", "lambda");
  replace_all(name, "heddle_test_body_", "HEDDLE_TEST ");
  replace_all(name, "heddle_async_test_body_", "HEDDLE_ASYNC_TEST ");
  return name;
}

bool is_internal(std::string_view demangled, std::string_view file) {
  constexpr std::array<std::string_view, 6> directories{"/include/c++/", "/include/heddle/", "/gtest/",
                                                        "/googletest/",  "/include/boost/",  "/include/fmt/"};
  constexpr std::array<std::string_view, 4> own_users{"/tests/", "/examples/", "/bench/", "/fuzz/"};
  constexpr std::array<std::string_view, 11> prefixes{
      "std::",    "__gnu_cxx::", "testing::",    "boost::",      "fmt::",          "__",
      "pthread_", "_start",      "start_thread", "operator new", "operator delete"};
  const auto in_file = [file](std::string_view directory) { return file.find(directory) != std::string_view::npos; };
  if (is_of_the_machine(file) || std::any_of(directories.begin(), directories.end(), in_file)) return true;
  const std::string name = short_name(demangled);
  if (name == "main" || demangled.starts_with("_GLOBAL__")) return true;
  const auto begins = [&name](std::string_view prefix) { return name.starts_with(prefix); };
  if (std::any_of(prefixes.begin(), prefixes.end(), begins)) return true;
  if (name.starts_with("heddle::")) return std::none_of(own_users.begin(), own_users.end(), in_file);
  return false;
}

std::string short_path(const std::string& path) {
  std::error_code failed;
  const std::string here = std::filesystem::current_path(failed).string() + "/";
  return !failed && path.starts_with(here) ? path.substr(here.size()) : path;
}

}  // namespace heddle::check
