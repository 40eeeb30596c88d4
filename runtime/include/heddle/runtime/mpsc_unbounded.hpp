// A channel without bound, from many senders to one receiver: sending never waits.
//
// How it works. As mpsc::channel, without permits to wait for. Nothing slows senders down: use it where what is sent is
// bounded by something else.
//
//     auto [tx, rx] = heddle::mpsc::unbounded<int>();
//     tx.send(1);
//     std::optional<int> value = co_await rx.recv();
//
// Ends. When the receiver is dropped or closed, sends fail and give the value back. When all senders have gone, the
// receiver gets the values that are left, then nothing. Values that nobody receives are destroyed once.
//
// The coroutine resumes on its own runtime, never inside the other side's call.
//
// Cancellation. recv() and closed() are cancel-safe: dropped, they have taken nothing.
//
// Thread safety. A sender may be used by many threads at once, and from outside of any runtime; the receiver by one at
// a time. REQUIRES: futures do not outlive the end they were made by.
//
// Limits. One allocation per value; of values that are copied like bytes and have at most 64, one for 16 values.
#pragma once

#include "heddle/runtime/detail/mpsc_state.hpp"
#include "heddle/runtime/detail/send_check.hpp"

#include <memory>
#include <type_traits>
#include <utility>

#include <tl/expected.hpp>

namespace heddle::mpsc {

template <class T>
class unbounded_sender;
// See detail::weak_end.
template <class T>
using weak_unbounded_sender = detail::weak_end<unbounded_sender<T>>;

template <class T>
class unbounded_sender {
 public:
  // For unbounded().
  explicit unbounded_sender(detail::shared_core core) noexcept : end_(std::move(core)) {}

  // Sends. The error gives the value back: the receiver has gone or closed.
  tl::expected<void, send_error<T>> send(T value) {
    using result = tl::expected<void, send_error<T>>;
    if constexpr (detail::fits_into_block<T>) {
      if (end_.core().try_send_copy(detail::format_of<T>, &value) == detail::permit_status::granted) return {};
      return result(tl::unexpect, send_error<T>(std::move(value)));
    } else {
      detail::owned_message<T> node(std::move(value));
      if (end_.core().try_send(node.get()) == detail::permit_status::granted) {
        node.release();
        return {};
      }
      return result(tl::unexpect, send_error<T>(std::move(node.value())));
    }
  }

  // Ready once the receiver has gone or closed.
  closed_future closed() { return closed_future(end_.core()); }

  // Whether the receiver has gone or closed.
  [[nodiscard]] bool is_closed() const noexcept { return end_.core().is_closed(); }
  // A reference to the channel that does not keep it from ending.
  [[nodiscard]] weak_unbounded_sender<T> downgrade() const noexcept { return weak_unbounded_sender<T>(end_.shared()); }
  // Whether both send to the same receiver.
  [[nodiscard]] bool same_channel(const unbounded_sender& other) const noexcept {
    return end_.shared() == other.end_.shared();
  }

 private:
  detail::sender_end end_;
};

template <class T>
class unbounded_receiver : public basic_receiver<T> {
 public:
  // For unbounded().
  explicit unbounded_receiver(detail::shared_core core) noexcept : basic_receiver<T>(std::move(core)) {}
};

// A new channel: its first sender and its receiver.
template <class T>
std::pair<unbounded_sender<T>, unbounded_receiver<T>> unbounded() {
  static_assert(std::is_object_v<T>, "a channel carries objects; for signals, an empty struct");
  heddle::detail::demand<heddle::detail::send_at<why::sent_through_a_channel, T>>();
  auto core = std::make_shared<detail::mpsc_core>(heddle::detail::permits_max);
  return {unbounded_sender<T>(core), unbounded_receiver<T>(core)};
}

}  // namespace heddle::mpsc
