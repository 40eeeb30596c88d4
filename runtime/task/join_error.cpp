// Words for a join_error. Thread safety: a plain value.
#include "heddle/runtime/join_error.hpp"

namespace heddle {

std::string join_error::message() const {
  std::string text = "task " + std::to_string(id_.number());
  if (!name_.empty()) text += " \"" + name_ + "\"";
  if (is_cancelled()) return text + " was cancelled";
  try {
    std::rethrow_exception(exception_);
  } catch (const std::exception& error) {
    return text + " threw: " + error.what();
  } catch (...) {
    return text + " threw an exception that is not a std::exception";
  }
}

}  // namespace heddle
