// The environment of an exploration in this process.
#pragma once

#include <cstdlib>
#include <string>

namespace heddle::check::testing {

// Sets a variable of the environment while it lives.
class variable {
 public:
  variable(const char* name, const std::string& value) : name_(name) { setenv(name, value.c_str(), 1); }
  variable(const variable&) = delete;
  variable& operator=(const variable&) = delete;
  ~variable() { unsetenv(name_); }

 private:
  const char* name_;
};

}  // namespace heddle::check::testing
