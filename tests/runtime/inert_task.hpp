// A task that is never run, with a number by which it is known again.
#pragma once

#include "heddle/runtime/detail/task_header.hpp"

#include <cstddef>

namespace heddle::test {

class inert_task final : public detail::task_header {
 public:
  explicit inert_task(std::size_t number) noexcept : number_(number) {}
  std::size_t number() const noexcept { return number_; }

 private:
  bool poll_future(context&) noexcept override { return true; }
  void cancel_future() noexcept override {}
  void drop_outcome() noexcept override {}
  const detail::frame* chain() const noexcept override { return nullptr; }
  hooks::task_end how_it_ended() noexcept override { return hooks::task_end::completed; }

  const std::size_t number_;
};

}  // namespace heddle::test
