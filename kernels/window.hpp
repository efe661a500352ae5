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
  double divisor = 1;  ///< of the whole sum
};

/// Computes n neighbouring results from dense elements: out[i] = sum over taps of weight * source[i +
/// offset], in float64, then converted: integers truncate and saturate. Each result depends on its elements
/// alone. Source and out do not overlap.
using WeightedSum = void (*)(const Taps& taps, const std::byte* source, std::int64_t n,
                             std::byte* out) noexcept;

/// Returns the function for a dtype: integers, float32, float64; null for others (complex: twice as many
/// parts).
[[nodiscard]] WeightedSum find_weighted_sum(DType dtype) noexcept;

}  // namespace varve::kernels
