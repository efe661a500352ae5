#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "kernels/window.hpp"

/// Averages of 64-bit integers beyond 32 bits, which a sum in float64 would round: elements are taken
/// relative to one of their window, so that equal ones stay what they are. Only *.isa.cpp include this file.
namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

template <class T>
inline constexpr bool kIsWide = std::is_integral_v<T> && sizeof(T) == 8;

// Whether a sum in float64 serves: whether an average depends on this alone, so that bits do not depend on
// how data is cut.
template <class T>
VARVE_INLINE bool fits_32_bits(T x) noexcept {
  if constexpr (std::is_signed_v<T>) return static_cast<std::uint64_t>(x ^ (x >> 63)) >> 32U == 0;
  return static_cast<std::uint64_t>(x) >> 32U == 0;
}

template <class T>
VARVE_INLINE double difference(T x, T y) noexcept {
  const auto left = static_cast<std::uint64_t>(x);
  const auto right = static_cast<std::uint64_t>(y);
  return x >= y ? static_cast<double>(left - right) : -static_cast<double>(right - left);
}

/// Adds the average of the differences from `centre` to it, truncates and saturates. An average within its
/// rounding error of an integer is that integer.
template <class T>
VARVE_INLINE T truncated_sum(T centre, double average, double lift) noexcept {
  __extension__ typedef __int128 Wide;
  constexpr double kMaxError = 0.25;
  const double nearest = std::nearbyint(average);
  const double error = std::fmin(std::fabs(average) * (lift - 1), kMaxError);
  const bool is_whole = std::fabs(average - nearest) <= error;
  Wide sum = static_cast<Wide>(centre) + static_cast<Wide>(is_whole ? nearest : std::floor(average));
  if (sum < 0 && !is_whole) ++sum;  // rounded down so far
  const Wide low = std::numeric_limits<T>::min();
  const Wide high = std::numeric_limits<T>::max();
  return static_cast<T>(sum < low ? low : sum > high ? high : sum);
}

/// Computes the results again whose windows hold elements beyond 32 bits: n of them, from elements `step`
/// apart.
template <class T>
VARVE_INLINE void average_wide(const LineWindow& window, const T* x, std::int64_t step, std::int64_t n,
                               T* out) noexcept {
  const std::int64_t half = window.count / 2;
  for (std::int64_t i = 0; i < n; ++i) {
    bool small = true;
    for (std::int64_t tap = 0; tap < window.count; ++tap) small &= fits_32_bits(x[i + tap * step]);
    if (small) continue;
    const T centre = x[i + half * step];
    const auto at = [&](std::int64_t tap) { return difference(x[i + tap * step], centre); };
    double sum = 0;
    for (std::int64_t tap = 0; tap < (window.symmetric ? half : window.count); ++tap)
      sum += (window.symmetric ? at(tap) + at(window.count - 1 - tap) : at(tap)) * window.weights[tap];
    out[i] = truncated_sum(centre, sum / window.divisor, window.lift);
  }
}

/// The same for a sum that is an average.
template <class T>
VARVE_INLINE T average_wide(const Taps& taps, const std::byte* source, T narrow) noexcept {
  const auto at = [&](const std::int64_t* offsets, std::int64_t tap) {
    T element;
    __builtin_memcpy(&element, source + offsets[tap], sizeof element);
    return element;
  };
  bool small = true;
  for (std::int64_t tap = 0; tap < taps.count; ++tap) small &= fits_32_bits(at(taps.offsets, tap));
  for (std::int64_t tap = 0; tap < taps.count - taps.plain; ++tap)
    small &= fits_32_bits(at(taps.partners, tap));
  if (small) return narrow;
  const T centre = at(taps.offsets, 0);
  double sum = 0;
  for (std::int64_t tap = 0; tap < taps.count; ++tap) {
    double element = difference(at(taps.offsets, tap), centre);
    if (tap >= taps.plain) element += difference(at(taps.partners, tap - taps.plain), centre);
    sum += element * taps.weights[tap];
  }
  return truncated_sum(centre, sum / taps.divisor, taps.lift);
}

}  // namespace
}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
