// The number of a task, unique within its runtime. Ids count up from 1 in the order of creation on a current-thread
// runtime. On one with workers each worker draws some at a time, for the tasks that it spawns, so that they say nothing
// of the order of tasks that different threads spawn. Thread safety: a plain value.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace heddle {

class task_id {
 public:
  constexpr task_id() noexcept = default;
  explicit constexpr task_id(std::uint64_t number) noexcept : number_(number) {}

  // At least 1; 0 stands for no task.
  constexpr std::uint64_t number() const noexcept { return number_; }

  friend constexpr auto operator<=>(task_id, task_id) noexcept = default;

 private:
  std::uint64_t number_ = 0;
};

}  // namespace heddle

template <>
struct std::hash<heddle::task_id> {
  std::size_t operator()(heddle::task_id id) const noexcept { return static_cast<std::size_t>(id.number()); }
};
