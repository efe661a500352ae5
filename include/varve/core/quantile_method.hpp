#pragma once

#include <cstdint>

namespace varve {

/// The way to find a quantile between two elements: the nine of Hyndman and Fan (1996), as NumPy names
/// them, then NumPy's others.
enum class QuantileMethod : std::uint8_t {
  inverted_cdf,
  averaged_inverted_cdf,
  closest_observation,
  interpolated_inverted_cdf,
  hazen,
  weibull,
  linear,
  median_unbiased,
  normal_unbiased,
  lower,
  higher,
  midpoint,
  nearest,
};

}  // namespace varve
