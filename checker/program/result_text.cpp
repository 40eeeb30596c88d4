#include "program/result_text.hpp"

#include <set>
#include <string>
#include <vector>

namespace heddle::check {

namespace {

// Both directions of one list of fields: `fields(archive, value)` names them once.
class writing {
 public:
  explicit writing(shared_buffer& buffer) noexcept : buffer_(buffer) {}

  template <typename Value>
  void operator()(const Value& value) {
    buffer_.put(value);
  }
  void operator()(const char* const& text) {
    buffer_.put(text != nullptr);
    if (text != nullptr) buffer_.put(std::string_view(text));
  }
  template <typename Element>
  void operator()(const std::vector<Element>& all) {
    buffer_.put(static_cast<std::uint32_t>(all.size()));
    for (const Element& one : all) fields(*this, one);
  }

 private:
  shared_buffer& buffer_;
};

class reading {
 public:
  explicit reading(shared_buffer& buffer) noexcept : buffer_(buffer) {}

  template <typename Value>
  void operator()(Value& value) {
    value = buffer_.get<Value>();
  }
  void operator()(std::string& text) { text = buffer_.get_text(); }
  void operator()(const char*& text) {
    static std::set<std::string> names;
    text = buffer_.get<bool>() ? names.insert(buffer_.get_text()).first->c_str() : nullptr;
  }
  template <typename Element>
  void operator()(std::vector<Element>& all) {
    const auto count = buffer_.get<std::uint32_t>();
    for (std::uint32_t i = 0; i < count && !buffer_.at_end(); ++i) fields(*this, all.emplace_back());
  }

 private:
  shared_buffer& buffer_;
};

void fields(auto& archive, auto& value)
  requires std::is_same_v<std::remove_cvref_t<decltype(value)>, std::uintptr_t> ||
           std::is_same_v<std::remove_cvref_t<decltype(value)>, sim::event>
{
  archive(value);
}

void fields(auto& archive, auto& text)
  requires std::is_same_v<std::remove_cvref_t<decltype(text)>, std::string>
{
  archive(text);
}

void fields(auto& archive, auto& place)
  requires std::is_same_v<std::remove_cvref_t<decltype(place)>, sim::await_place>
{
  archive(place.file);
  archive(place.function);
  archive(place.line);
}

void fields(auto& archive, auto& stack)
  requires std::is_same_v<std::remove_cvref_t<decltype(stack)>, sim::call_stack>
{
  archive(stack);
}

void fields(auto& archive, auto& thread)
  requires std::is_same_v<std::remove_cvref_t<decltype(thread)>, sim::thread_state>
{
  archive(thread.id);
  archive(thread.name);
  archive(thread.finished);
  archive(thread.blocked);
  archive(thread.waiting_for);
  archive(thread.stack);
  archive(thread.repeated);
}

void fields(auto& archive, auto& related)
  requires std::is_same_v<std::remove_cvref_t<decltype(related)>, sim::related_stack>
{
  archive(related.title);
  archive(related.stack);
  fields(archive, related.place);
}

void fields(auto& archive, auto& task)
  requires std::is_same_v<std::remove_cvref_t<decltype(task)>, sim::task_state>
{
  archive(task.id);
  archive(task.name);
  fields(archive, task.spawned_at);
  archive(task.awaiting);
  archive(task.waiting_for);
  archive(task.queued);
  archive(task.polled);
  archive(task.repeated);
}

void fields(auto& archive, auto& failure)
  requires std::is_same_v<std::remove_cvref_t<decltype(failure)>, sim::failure>
{
  archive(failure.kind);
  archive(failure.message);
  archive(failure.thread);
  archive(failure.task);
  archive(failure.stack);
  archive(failure.file);
  archive(failure.line);
  archive(failure.signal);
  archive(failure.address);
  archive(failure.related);
  archive(failure.threads);
  archive(failure.tasks);
}

void fields(auto& archive, auto& task)
  requires std::is_same_v<std::remove_cvref_t<decltype(task)>, sim::spawned_task>
{
  archive(task.spawn);
  archive(task.object);
  archive(task.id);
  archive(task.name);
  fields(archive, task.spawned_at);
}

void fields(auto& archive, auto& made)
  requires std::is_same_v<std::remove_cvref_t<decltype(made)>, sim::mishap>
{
  archive(made.kind);
  archive(made.task);
  archive(made.name);
  archive(made.awaiting);
}

void fields(auto& archive, auto& result)
  requires std::is_same_v<std::remove_cvref_t<decltype(result)>, sim::execution_result>
{
  archive(result.failures);
  archive(result.accepted);
  archive(result.event_hash);
  archive(result.order_hash);
  archive(result.steps);
  archive(result.switches);
  archive(result.decisions);
  archive(result.threads);
  archive(result.clock);
  archive(result.last_events);
  archive(result.spawned);
  archive(result.mishaps);
  archive(result.abandoned);
  archive(result.exit_status);
  archive(result.let_through);
  archive(result.cut_short);
}

}  // namespace

void put_result(shared_buffer& buffer, const sim::execution_result& result) {
  writing archive(buffer);
  fields(archive, result);
}

sim::execution_result get_result(shared_buffer& buffer) {
  reading archive(buffer);
  sim::execution_result result;
  fields(archive, result);
  return result;
}

}  // namespace heddle::check
