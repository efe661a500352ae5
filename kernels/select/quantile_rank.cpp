#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/select.hpp"

namespace varve::kernels {
namespace {

// Takes the element before or after a position, never one between.
QuantileRank step(double position, bool stays, std::int64_t n) noexcept {
  const double chosen = std::floor(position) + (stays ? 0 : 1);
  const std::int64_t rank = std::clamp<std::int64_t>(static_cast<std::int64_t>(chosen), 0, n - 1);
  return {rank, rank, 0};
}

// `position` counts from 0; outside of the elements the first or last one stands alone.
QuantileRank between(double position, double weight, std::int64_t n) noexcept {
  if (position < 0) return {0, 0, 0};
  const auto lower = static_cast<std::int64_t>(std::floor(position));
  if (lower >= n - 1) return {n - 1, n - 1, 0};
  return {lower, lower + 1, weight};
}

QuantileRank continuous(double q, std::int64_t n, double alpha, double beta) noexcept {
  const double position = static_cast<double>(n) * q + (alpha + q * (1 - alpha - beta)) - 1;
  return between(position, position - std::floor(position), n);
}

double value_between(double lower, double upper, double weight) noexcept {
  if (lower == upper || weight == 0) return lower;
  if (weight == 1) return upper;
  // Half the sum, rounded once: the median of an even number of elements.
  if (weight == 0.5) return std::midpoint(lower, upper);
  const double difference = upper - lower;
  if (!std::isfinite(difference)) return lower * (1 - weight) + upper * weight;
  return weight < 0.5 ? lower + difference * weight : upper - difference * (1 - weight);
}

}  // namespace

QuantileRank quantile_rank(QuantileMethod method, double q, std::int64_t n) noexcept {
  const double count = static_cast<double>(n);
  const double along = (count - 1) * q;
  const double below = count * q - 1;
  const double fraction = below - std::floor(below);
  switch (method) {
    case QuantileMethod::inverted_cdf:
      return step(below, fraction == 0, n);
    case QuantileMethod::averaged_inverted_cdf:
      return between(below, fraction == 0 ? 0.5 : 1.0, n);
    case QuantileMethod::closest_observation: {
      // Halfway the even one of the order statistics is taken; these count from 1.
      const double position = below - 0.5;
      const bool halfway = position == std::floor(position);
      return step(position, halfway && std::fmod(std::floor(position), 2) != 0, n);
    }
    case QuantileMethod::interpolated_inverted_cdf:
      return continuous(q, n, 0, 1);
    case QuantileMethod::hazen:
      return continuous(q, n, 0.5, 0.5);
    case QuantileMethod::weibull:
      return continuous(q, n, 0, 0);
    case QuantileMethod::linear:
      return between(along, along - std::floor(along), n);
    case QuantileMethod::median_unbiased:
      return continuous(q, n, 1.0 / 3, 1.0 / 3);
    case QuantileMethod::normal_unbiased:
      return continuous(q, n, 3.0 / 8, 3.0 / 8);
    case QuantileMethod::lower:
      return step(std::floor(along), true, n);
    case QuantileMethod::higher:
      return step(std::ceil(along), true, n);
    case QuantileMethod::midpoint:
      return between(along, along == std::floor(along) ? 0 : 0.5, n);
    case QuantileMethod::nearest:
      return step(std::nearbyint(along), true, n);
  }
  return {};
}

// Zeros of both signs are equal, and which of them has a rank depends on how it was found: the result has
// one.
double interpolate(double lower, double upper, double weight) noexcept {
  return value_between(lower, upper, weight) + 0.0;
}

}  // namespace varve::kernels
