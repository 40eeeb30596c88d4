// Function names and files as a reader wants them.
#pragma once

#include <string>
#include <string_view>

namespace heddle::check {

// A demangled name without return type, parameters, long template arguments and anonymous namespaces; lambdas are
// `lambda`, and the body of HEDDLE_TEST(Suite, Name) is `HEDDLE_TEST Suite_Name`.
std::string short_name(std::string_view demangled);

// Whether a function is of the standard library, GoogleTest, the C library or heddle itself.
bool is_internal(std::string_view demangled, std::string_view file);

// The path, relative to the current directory where it lies below it.
std::string short_path(const std::string& path);

}  // namespace heddle::check
