// Why a spawned task has no value: it was cancelled, or it ended with an exception.
// Thread safety: a plain value.
#pragma once

#include "heddle/runtime/task_id.hpp"

#include <exception>
#include <string>
#include <utility>

namespace heddle {

class join_error {
 public:
  static join_error cancelled(task_id id, std::string name) { return join_error(id, std::move(name), nullptr); }
  static join_error failed(task_id id, std::string name, std::exception_ptr error) {
    return join_error(id, std::move(name), std::move(error));
  }

  // Whether the task was aborted, or dropped by the shutdown of its runtime, before it was done.
  bool is_cancelled() const noexcept { return exception_ == nullptr; }
  // What the task threw; null when it was cancelled.
  std::exception_ptr exception() const noexcept { return exception_; }
  // The task; its name is empty unless it was given one.
  task_id id() const noexcept { return id_; }
  const std::string& name() const noexcept { return name_; }

  // One sentence for a log.
  std::string message() const;

 private:
  join_error(task_id id, std::string name, std::exception_ptr error) noexcept
      : id_(id), name_(std::move(name)), exception_(std::move(error)) {}

  task_id id_;
  std::string name_;
  std::exception_ptr exception_;
};

}  // namespace heddle
