// What transitions add to the hash and take back; see path_hash.hpp. Thread safety: none.
#include "strategies/bounded/path_hash.hpp"

#include <utility>

namespace heddle::check {

void path_hash::restart(std::size_t kept) {
  const std::size_t changes = kept == 0 ? 0 : transitions_[kept - 1].changes;
  for (; changes_.size() > changes; changes_.pop_back()) objects_[changes_.back().object] = changes_.back().before;
  for (; transitions_.size() > kept; transitions_.pop_back()) {
    threads_[transitions_.back().thread] = transitions_.back().thread_before;
    all_ = transitions_.back().all_before;
  }
  reader_.clear();
  kept_ = kept;
  ended_ = 0;
  stopped_ = false;
  start(0);
}

void path_hash::start(sim::thread_id thread) {
  if (thread >= threads_.size()) threads_.resize(thread + 1);
  thread_ = thread;
  hash_ = threads_[thread] + thread;
}

void path_hash::end_transition() {
  if (stopped_) return;
  if (ended_++ < kept_) return;
  reader_.finish([this](const access& one) { add(one); });
  const std::uint64_t hash = mix(hash_);
  transitions_.push_back({thread_, std::exchange(threads_[thread_], hash), all_, changes_.size()});
  all_ += mix(hash);
}

void path_hash::begin_transition(sim::thread_id thread, const sim::operation& next) {
  if (!is_hashed()) return;
  start(thread);
  reader_.announce(next);
}

void path_hash::on_event(const sim::event& what, std::uintptr_t object) noexcept {
  if (stopped_) return;
  if (ended_ >= kept_) {
    reader_.read(what, object, [this](const access& one) { add(one); });
  } else {
    reader_.read(what, object, [](const access&) {});
  }
}

void path_hash::on_touch(sim::operation_kind kind, std::uintptr_t object) noexcept {
  if (is_hashed()) reader_.read_touch(kind, object, [this](const access& one) { add(one); });
}

}  // namespace heddle::check
