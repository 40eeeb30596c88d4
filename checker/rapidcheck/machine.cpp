#include "heddle/rapidcheck/machine.hpp"

namespace heddle::check::detail {

std::string short_type_name(const std::string& name) {
  const std::size_t colons = name.rfind("::");
  return colons == std::string::npos ? name : name.substr(colons + 2);
}

}  // namespace heddle::check::detail
