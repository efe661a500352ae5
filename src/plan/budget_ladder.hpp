#pragma once

#include <cstdint>

namespace varve::plan {

/// Budgets at which plans are tried. Whether a plan exists is not monotone in the budget, but a plan for less
/// memory is a plan for more: so the smallest budget is looked for among these, which do not depend on the
/// one that was asked for.
inline constexpr std::int64_t kLowestRung = 64 << 10;
inline constexpr std::int64_t kHighestRung = std::int64_t{1} << 60;

/// Returns the highest power of two up to a budget, or 0 if it is below the lowest rung.
[[nodiscard]] constexpr std::int64_t rung_within(std::int64_t memory_bytes) noexcept {
  if (memory_bytes < kLowestRung) return 0;
  std::int64_t rung = kLowestRung;
  while (rung < kHighestRung && rung <= memory_bytes / 2) rung *= 2;
  return rung;
}

/// Returns a budget that `accepts` takes, or 0: the first power of two, and below it, by halving, to 1/64 of
/// it.
template <class Accepts>
[[nodiscard]] std::int64_t lowest_accepted(const Accepts& accepts) {
  constexpr std::int64_t kSteps = 64;
  std::int64_t accepted = kLowestRung;
  while (!accepts(accepted)) {
    if (accepted == kHighestRung) return 0;
    accepted *= 2;
  }
  const std::int64_t step = accepted / kSteps;
  std::int64_t refused = accepted == kLowestRung ? 0 : accepted / 2;
  while (accepted - refused > step) {
    const std::int64_t middle = refused + (accepted - refused) / 2;
    (accepts(middle) ? accepted : refused) = middle;
  }
  return accepted;
}

}  // namespace varve::plan
