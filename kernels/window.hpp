#pragma once

#include "varve/core/dtype.hpp"

namespace varve::kernels {

/// Lists the elements that a weighted sum is made of, by their distance in bytes. Terms are added in this
/// order: first the plain ones, then the pairs, two elements that are added before they are weighted.
struct Taps {
  const std::int64_t* offsets = nullptr;   ///< `count` of them
  const std::int64_t* partners = nullptr;  ///< of the last `count - plain` offsets, in the same order
  const double* weights = nullptr;         ///< `count` of them
  std::int64_t count = 0;
  std::int64_t plain = 0;
  double divisor = 1;     ///< of the whole sum
  double lift = 1;        ///< what sums of integers are multiplied by before they truncate
  bool averages = false;  ///< no weight is negative and their sum is the divisor, up to rounding
};

/// Returns the lift for weights that are not integers: it takes a sum that is an integer but for the rounding
/// errors of its `count` terms there.
[[nodiscard]] constexpr double lift_for(std::int64_t count) noexcept {
  constexpr double kUnit = 0x1p-53;
  return 1 + static_cast<double>(count + 8) * kUnit;
}

/// Computes n neighbouring results from dense elements: out[i] = sum over taps of weight * source[i +
/// offset], in float64, then converted: integers are lifted, truncate and saturate. Averages of 64-bit
/// integers beyond 32 bits are summed relative to one of them. Each result depends on its elements alone.
/// Source and out do not overlap.
using WeightedSum = void (*)(const Taps& taps, const std::byte* source, std::int64_t n,
                             std::byte* out) noexcept;

/// Returns the function for a dtype: integers, float32, float64; null for others (complex: twice as many
/// parts).
[[nodiscard]] WeightedSum find_weighted_sum(DType dtype) noexcept;

/// A symmetric window in fixed point, for integers of 16 bits: weights in couples of 16 bits each, their
/// first kBits and the rest.
struct ShortWindow {
  static constexpr int kBits = 15;
  static constexpr std::int32_t kMaxDoubt = 128;  ///< up to one result in 128 is computed again
  std::int32_t high[16] = {};
  std::int32_t low[16] = {};
  int rest_bits = 0;
  std::int32_t doubt = 0;  ///< sums this close to an integer may be off, in units of the first bits' last
};

/// A window along one axis that averages: no weight is negative and their sum is the divisor, up to
/// rounding. A result is the sum of weight * element over `count` neighbours, in float64, divided and
/// converted as above. Terms are added in their order or, if `symmetric`: first the middle one of an odd
/// count, then pairs from the ends inwards, two elements that are added before they are weighted.
struct LineWindow {
  const double* weights =
      nullptr;             ///< `count` of them; the second half is not looked at if they are symmetric
  std::int64_t count = 0;  ///< up to kLongestLineWindow
  bool symmetric = false;
  double divisor = 1;
  double lift = 1;                      ///< as for Taps
  const ShortWindow* shorts = nullptr;  ///< the same in fixed point, which spares work; or null
};
inline constexpr std::int64_t kLongestLineWindow = 64;

/// Computes `lines` lines of n dense elements, `out_step` bytes apart: line i is the weighted sum of the
/// lines i ... i + count - 1 of the source, `source_step` bytes apart. Each element is converted to float64
/// but once or twice. Source and out do not overlap.
using FilterAcross = void (*)(const LineWindow& window, const std::byte* source, std::int64_t source_step,
                              std::int64_t lines, std::int64_t n, std::byte* out,
                              std::int64_t out_step) noexcept;
/// Computes n neighbouring results: result i from the elements i, i + parts ... i + (count - 1) * parts.
/// `parts`: 1, or 2 for complex numbers.
using FilterAlong = void (*)(const LineWindow& window, const std::byte* source, std::int64_t parts,
                             std::int64_t n, std::byte* out) noexcept;

/// Return the functions for the dtypes of `find_weighted_sum`.
[[nodiscard]] FilterAcross find_filter_across(DType dtype) noexcept;
[[nodiscard]] FilterAlong find_filter_along(DType dtype) noexcept;

/// Makes the window in fixed point; false if it has none: results are then computed in float64 alone.
[[nodiscard]] bool make_short_window(const LineWindow& window, ShortWindow& shorts) noexcept;

}  // namespace varve::kernels
