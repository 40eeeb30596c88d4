// Names of tasks; see detail/task_companion.hpp. Thread safety: any thread.
#include "heddle/runtime/detail/task_companion.hpp"

#include <utility>

namespace heddle::detail {

namespace {

class task_name final : public task_companion {
 public:
  explicit task_name(std::string name) noexcept : name_(std::move(name)) {}

  HEDDLE_RUNTIME_CODE ~task_name() override {}

  const std::string* name() const noexcept override { return &name_; }
  void release() noexcept override { delete this; }

 private:
  const std::string name_;
};

}  // namespace

// g++ would let it write the address of the table, as an access of the user's.
HEDDLE_RUNTIME_CODE task_companion::~task_companion() {}

task_companion_ptr make_name(std::string name) {
  return task_companion_ptr(new task_name(std::move(name)));
}

}  // namespace heddle::detail
