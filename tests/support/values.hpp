#pragma once

#include <random>

#include "support/dense.hpp"

namespace varve::test {

/// Bounds the values that a function is tested on. Integer dtypes take the integers inside; unsigned ones
/// start at zero.
struct Domain {
  double low = -8;
  double high = 8;
  /// Mixes in NaN, infinities, -0.0, subnormals and the extremes of the dtype (integers: the extremes).
  bool specials = false;
  /// Mixes in NaN alone, where the dtype has it.
  bool nans = false;
  /// Keeps zero out.
  bool nonzero = false;
  /// Takes multiples of 1/4 instead of all fractions, so that sums of a few thousand values are exact.
  bool quarters = false;
};

/// Makes values of the dtype; the same for the same seed on every machine.
[[nodiscard]] dense::Dense random_values(DType dtype, const Shape& shape, const Domain& domain,
                                         std::mt19937_64& random);

/// Returns an integer in [low, high]; unlike std::uniform_int_distribution the same with every standard
/// library.
[[nodiscard]] std::int64_t pick(std::mt19937_64& random, std::int64_t low, std::int64_t high);

template <class T>
[[nodiscard]] const T& pick_one(std::mt19937_64& random, const std::vector<T>& choices) {
  return choices[static_cast<std::size_t>(pick(random, 0, static_cast<std::int64_t>(choices.size()) - 1))];
}

}  // namespace varve::test
