// The number of a task, unique within its runtime. Ids count up from 1 in the order of creation, so that a
// repeated run gives the same task the same id. Thread safety: a plain value.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace heddle {

class task_id {
 public:
  constexpr task_id() noexcept = default;
  explicit constexpr task_id(std::uint64_t number) noexcept : number_(number) {}

  // 1 for the first task of a runtime; 0 stands for no task.
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
