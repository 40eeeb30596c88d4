// A static object that lives to the end of the process: the `exit` of a whole program destroys static objects in the
// middle of an execution, and the machine goes on.
#pragma once

namespace heddle::sim {

template <typename T>
union never_destroyed {
  constexpr never_destroyed() : value{} {}
  never_destroyed(const never_destroyed&) = delete;
  never_destroyed& operator=(const never_destroyed&) = delete;
  ~never_destroyed() {}

  T value;
};

}  // namespace heddle::sim
