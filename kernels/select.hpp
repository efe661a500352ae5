#pragma once

#include <cstdint>
#include <span>

#include "varve/core/dtype.hpp"
#include "varve/core/quantile_method.hpp"

namespace varve::kernels {

using varve::QuantileMethod;

/// Says which elements of n sorted ones make a quantile: `lower + weight * (upper - lower)`.
struct QuantileRank {
  std::int64_t lower = 0;
  std::int64_t upper = 0;
  double weight = 0;
};

/// Returns the ranks for a quantile q in [0, 1] of n > 0 elements; they grow with q.
[[nodiscard]] QuantileRank quantile_rank(QuantileMethod method, double q, std::int64_t n) noexcept;

/// Returns the value between two elements, never beyond them. Equal ones, also infinities, give themselves;
/// an infinity and a number give the infinity, opposite infinities NaN. A zero is positive.
[[nodiscard]] double interpolate(double lower, double upper, double weight) noexcept;

/// Tells whether the quantiles of a method are elements, never values between two.
[[nodiscard]] constexpr bool takes_elements(QuantileMethod method) noexcept {
  return method == QuantileMethod::lower || method == QuantileMethod::higher ||
         method == QuantileMethod::nearest || method == QuantileMethod::inverted_cdf ||
         method == QuantileMethod::closest_observation;
}

/// A quantile: an element, where the method takes elements and the dtype is bool or an integer; else a
/// number.
union QuantileValue {
  double number;
  std::int64_t element;  ///< uint64: of the same bits
};

/// Finds quantiles of one dtype.
struct SelectKernel {
  /// Writes one value per q, which ascend, for the n elements of `row`, which it reorders. A NaN makes all
  /// values NaN, unless `skips_nan`; so do no elements, which must not be where values are elements.
  void (*quantiles)(void* row, std::int64_t n, QuantileMethod method, bool skips_nan,
                    std::span<const double> q, QuantileValue* values) noexcept = nullptr;

  /// The number of bits of a key: an unsigned integer that orders elements as their values do.
  int key_bits = 0;
  /// Returns the value between the elements of two keys.
  QuantileValue (*between_keys)(std::uint64_t lower, std::uint64_t upper, double weight,
                                QuantileMethod method) noexcept = nullptr;
  /// Counts n elements by `digit_bits` bits of their keys, those above `shift`, in one histogram (of
  /// 2^digit_bits counters) for each of the prefixes, which are sorted: what the bits before must be. No
  /// other element is counted. Returns how many are NaN, which have no key.
  std::int64_t (*count_digits)(const void* values, std::int64_t n, int shift, int digit_bits,
                               std::span<const std::uint64_t> prefixes,
                               std::int64_t* counters) noexcept = nullptr;
};

/// Returns the kernel for a dtype, or null for float16 (cast first) and complex.
[[nodiscard]] const SelectKernel* find_select(DType dtype) noexcept;

}  // namespace varve::kernels
