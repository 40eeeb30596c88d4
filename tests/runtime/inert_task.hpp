// Tasks that are never run, with numbers by which they are known again.
#pragma once

#include "heddle/runtime/detail/task_header.hpp"

#include <cstddef>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

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

// A test that makes some, numbered from 0.
class with_inert_tasks : public testing::Test {
 protected:
  inert_task& make() {
    tasks_.push_back(std::make_unique<inert_task>(tasks_.size()));
    return *tasks_.back();
  }
  static std::size_t number(detail::task_header* task) { return static_cast<inert_task*>(task)->number(); }

  std::vector<std::unique_ptr<inert_task>> tasks_;
};

}  // namespace heddle::test
