// A thread that may be parked, as seen by who wants it to go on. Thread safety: any thread.
#pragma once

namespace heddle::detail {

class unpark_target {
 public:
  unpark_target() = default;
  unpark_target(const unpark_target&) = delete;
  unpark_target& operator=(const unpark_target&) = delete;
  virtual ~unpark_target() = default;

  // Makes the park that is under way, or else the next one, return. Several calls may count as one.
  virtual void unpark() noexcept = 0;
};

}  // namespace heddle::detail
