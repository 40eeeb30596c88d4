// The decisions of one execution from the bytes of an input: see <heddle/check/explore_bytes.hpp>.
#pragma once

#include "strategies/patience.hpp"
#include "strategies/strategy.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace heddle::check {

class bytes_strategy final : public explorer_strategy {
 public:
  // `input` must outlive it.
  explicit bytes_strategy(std::span<const std::uint8_t> input) noexcept : input_(input) {}

  // There is one execution, number 0, as often as it is asked for.
  [[nodiscard]] bool begin(std::uint64_t index) noexcept override;
  sim::thread_id choose_thread(const sim::scheduling_point& point) noexcept override;
  std::uint32_t choose(sim::choice_kind kind, std::uint32_t candidates) noexcept override;
  std::optional<decision_record> decisions() const override { return record_; }

 private:
  std::uint32_t next(std::uint32_t candidates) noexcept;

  const std::span<const std::uint8_t> input_;
  std::size_t position_ = 0;
  patience patience_;
  decision_record record_;
};

}  // namespace heddle::check
