// What the channels share that hand values to many receivers: broadcast and watch.
#pragma once

#include "heddle/hooks.hpp"

#include <memory>
#include <utility>

namespace heddle::detail {

// There is no receiver; here is the value back.
template <class T>
class send_error {
 public:
  explicit send_error(std::shared_ptr<T> value) noexcept : value_(std::move(value)) {}

  T& value() const noexcept { return *value_; }

 private:
  std::shared_ptr<T> value_;
};

// Drops a reference to a value, whose destructor may be user code.
inline void drop_value(std::shared_ptr<const void> value) noexcept {
  const hooks::user_code_scope user;
  value.reset();
}

}  // namespace heddle::detail
