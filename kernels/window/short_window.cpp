#include <cmath>

#include "kernels/window.hpp"

namespace varve::kernels {
namespace {

// Elements lie at most this far from the base.
constexpr double kReach = 16383;
constexpr int kMaxRestBits = 14;

// The weights in the order in which fixed point takes them: from the ends inwards, the middle one last.
double weight_of(const LineWindow& window, std::int64_t term) {
  return term > window.count / 2 ? 0 : window.weights[term];
}

std::int32_t couple_of(std::int32_t first, std::int32_t second) noexcept {
  return static_cast<std::int32_t>((static_cast<std::uint32_t>(first) & 0xffffU) |
                                   static_cast<std::uint32_t>(second) << 16U);
}

// Splits a weight into its first bits and those that follow.
struct Split {
  Split(double weight, int rest_bits) {
    const double scaled = std::ldexp(weight, ShortWindow::kBits);
    high = std::nearbyint(scaled);
    low = std::nearbyint(std::ldexp(scaled - high, rest_bits));
    left_over = std::fabs(scaled - high - std::ldexp(low, -rest_bits));
  }
  double high;
  double low;
  double left_over;
};

}  // namespace

bool make_short_window(const LineWindow& window, ShortWindow& shorts) noexcept {
  if (!window.symmetric || window.count < 3 || window.count > kLongestLineWindow || window.divisor != 1)
    return false;
  const std::int64_t half = window.count / 2;
  double sum = window.weights[half];
  for (std::int64_t term = 0; term < half; ++term) sum += 2 * window.weights[term];
  if (std::fabs(sum - 1) > 1e-12) return false;
  for (shorts.rest_bits = kMaxRestBits; shorts.rest_bits > 0; --shorts.rest_bits) {
    double rests = 0;
    double left_over = 0;
    for (std::int64_t term = 0; term <= half; ++term) {
      const double elements = term < half ? 2 : 1;
      const Split split(window.weights[term], shorts.rest_bits);
      if (split.high < 0 || split.high > 32767) return false;
      rests += elements * std::fabs(split.low);
      left_over += elements * split.left_over;
    }
    if (rests * kReach >= 2147483647) continue;  // these sums must fit, too
    // Beside what is left over: one for cutting off the rests, one for rounding of the sums that these stand
    // for.
    shorts.doubt = static_cast<std::int32_t>(std::ceil(left_over * kReach)) + 2;
    break;
  }
  if (shorts.rest_bits == 0 || shorts.doubt > ShortWindow::kMaxDoubt) return false;
  for (std::int64_t couple = 0; couple <= half / 2; ++couple) {
    const Split first(weight_of(window, 2 * couple), shorts.rest_bits);
    const Split second(weight_of(window, 2 * couple + 1), shorts.rest_bits);
    shorts.high[couple] =
        couple_of(static_cast<std::int32_t>(first.high), static_cast<std::int32_t>(second.high));
    shorts.low[couple] =
        couple_of(static_cast<std::int32_t>(first.low), static_cast<std::int32_t>(second.low));
  }
  return true;
}

}  // namespace varve::kernels
