#include "strategies/pos.hpp"

namespace heddle::check {

bool pos_strategy::begin(std::uint64_t index) noexcept {
  priorities_.clear();
  return sampling_strategy::begin(index);
}

sim::thread_id pos_strategy::choose_thread(const sim::scheduling_point& point) noexcept {
  const sim::thread_id chosen =
      priorities_.highest(point, [this] { return draw(); }, [](sim::thread_id) { return true; });
  priorities_.done(point, chosen);
  return chosen;
}

}  // namespace heddle::check
