#pragma once

#include "kernels/reduce/segment_sum.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {

/// Returns the variance (or its root) from the sum of squared deviations. Where no divisor is left, it is
/// infinite, or NaN if nothing deviates, as NumPy's.
template <bool kRoot>
[[nodiscard]] VARVE_INLINE double finish_moment(double squares, double divisor) noexcept {
  const double variance = squares / (divisor > 0 ? divisor : 0.0);
  return kRoot ? __builtin_sqrt(variance) : variance;
}

/// The weights with which Chan's formula joins the moments of two sets of elements.
struct MomentWeights {
  double mean;     ///< of the difference of the means, in the joined mean
  double squares;  ///< of its square, in the joined sum of squares

  VARVE_INLINE MomentWeights(double left_count, double right_count) noexcept
      : mean(right_count / (left_count + right_count)), squares(left_count * mean) {}
};

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
