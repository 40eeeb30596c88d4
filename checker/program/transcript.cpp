#include "program/transcript.hpp"

#include <stdexcept>
#include <vector>

namespace heddle::check {

namespace {

enum class entry : std::uint8_t { end, thread, choice, event, touch };

// A scheduling point without its spans.
struct point_head {
  sim::thread_id current;
  bool current_runnable;
  std::uint64_t step;
  std::uint64_t now;
  std::uint32_t runnable;
  std::uint32_t next;
  sim::thread_id answer;
};

struct choice_made {
  sim::choice_kind kind;
  std::uint32_t candidates;
  std::uint32_t answer;
};

struct event_seen {
  sim::event what;
  std::uintptr_t object;
};

struct touch_seen {
  sim::operation_kind kind;
  std::uintptr_t object;
};

template <typename Value>
std::vector<Value> get_all(shared_buffer& buffer, std::uint32_t count) {
  std::vector<Value> all;
  for (std::uint32_t i = 0; i < count && !buffer.at_end(); ++i) all.push_back(buffer.get<Value>());
  return all;
}

void expect(bool same) {
  if (!same) throw std::logic_error("a decision source answered otherwise in this process than in the forked one");
}

void repeat_thread(shared_buffer& buffer, sim::decision_source& source) {
  const auto head = buffer.get<point_head>();
  const auto runnable = get_all<sim::thread_id>(buffer, head.runnable);
  const auto next = get_all<sim::operation>(buffer, head.next);
  // Cut off in the middle by the end of its process.
  if (runnable.size() != head.runnable || next.size() != head.next) return;
  const sim::scheduling_point point{.current = head.current,
                                    .current_runnable = head.current_runnable,
                                    .runnable = runnable,
                                    .next = next,
                                    .step = head.step,
                                    .now = head.now};
  expect(source.choose_thread(point) == head.answer);
}

}  // namespace

sim::thread_id transcript_writer::choose_thread(const sim::scheduling_point& point) noexcept {
  const sim::thread_id answer = source_.choose_thread(point);
  buffer_.put(entry::thread);
  buffer_.put(point_head{.current = point.current,
                         .current_runnable = point.current_runnable,
                         .step = point.step,
                         .now = point.now,
                         .runnable = static_cast<std::uint32_t>(point.runnable.size()),
                         .next = static_cast<std::uint32_t>(point.next.size()),
                         .answer = answer});
  for (const sim::thread_id one : point.runnable) buffer_.put(one);
  for (const sim::operation& one : point.next) buffer_.put(one);
  return answer;
}

std::uint32_t transcript_writer::choose(sim::choice_kind kind, std::uint32_t candidates) noexcept {
  const std::uint32_t answer = source_.choose(kind, candidates);
  buffer_.put(entry::choice);
  buffer_.put(choice_made{kind, candidates, answer});
  return answer;
}

void transcript_writer::on_event(const sim::event& what, std::uintptr_t object) noexcept {
  buffer_.put(entry::event);
  buffer_.put(event_seen{what, object});
  if (observer_ != nullptr) observer_->on_event(what, object);
}

void transcript_writer::on_touch(sim::operation_kind kind, std::uintptr_t object) noexcept {
  buffer_.put(entry::touch);
  buffer_.put(touch_seen{kind, object});
  observer_->on_touch(kind, object);
}

void end_transcript(shared_buffer& buffer) noexcept {
  buffer.put(entry::end);
}

void repeat_transcript(shared_buffer& buffer, sim::decision_source& source, sim::event_observer* observer) {
  while (!buffer.at_end()) {
    switch (buffer.get<entry>()) {
      case entry::end:
        return;
      case entry::thread:
        repeat_thread(buffer, source);
        break;
      case entry::choice: {
        const auto made = buffer.get<choice_made>();
        if (made.candidates != 0) expect(source.choose(made.kind, made.candidates) == made.answer);
        break;
      }
      case entry::event: {
        const auto seen = buffer.get<event_seen>();
        if (observer != nullptr && seen.what.kind != sim::operation_kind::none)
          observer->on_event(seen.what, seen.object);
        break;
      }
      case entry::touch: {
        const auto seen = buffer.get<touch_seen>();
        if (observer != nullptr && seen.object != 0) observer->on_touch(seen.kind, seen.object);
        break;
      }
    }
  }
}

}  // namespace heddle::check
