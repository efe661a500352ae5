#pragma once

#include "kernels/reduce/lanes.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {

/// Adds up integers, wrapping in 64 bits. Narrow ones are added in 32 bits first, as long as that cannot
/// overflow: that widens half as much.
template <class T>
[[nodiscard]] VARVE_INLINE std::uint64_t sum_integers(const T* x, std::int64_t n) noexcept {
  std::uint64_t sum = 0;
  if constexpr (sizeof(T) <= 2) {
    constexpr std::int64_t kBlock = 32768;  // times the largest uint16 stays below 2^31
    for (std::int64_t first = 0; first < n; first += kBlock) {
      const std::int64_t end = first + kBlock < n ? first + kBlock : n;
      std::int32_t partial = 0;
      for (std::int64_t i = first; i < end; ++i) partial += x[i];
      sum += static_cast<std::uint64_t>(static_cast<std::int64_t>(partial));
    }
  } else {
    for (std::int64_t i = 0; i < n; ++i) sum += static_cast<std::uint64_t>(x[i]);
  }
  return sum;
}

/// Steps lanes of float64 through n elements of any real type; `pad` leaves a lane as it is. Integers are
/// converted in blocks first.
template <class T, int kCount, class Step>
VARVE_INLINE void run_as_float64(Lanes<double, kCount>& lanes, const T* x, std::int64_t n, double pad,
                                 const Step& step) noexcept {
  if constexpr (std::is_floating_point_v<T>) {
    lanes.run(x, n, static_cast<T>(pad), step);
  } else {
    constexpr std::int64_t kBlock = 256;  // 2 KiB of stack; a multiple of every lane count
    double block[kBlock];
    for (std::int64_t first = 0; first < n; first += kBlock) {
      const std::int64_t size = first + kBlock < n ? kBlock : n - first;
      for (std::int64_t i = 0; i < size; ++i) block[i] = static_cast<double>(x[first + i]);
      lanes.run(static_cast<const double*>(block), size, pad, step);
    }
  }
}

/// Adds up numbers in lanes of float64 (integers of at most 32 bits exactly); complex ones part by part.
template <int kParts, class T>
VARVE_INLINE void sum_as_float64(const T* x, std::int64_t n, double* parts) noexcept {
  if constexpr (std::is_integral_v<T> && sizeof(T) <= 4) {
    parts[0] = static_cast<double>(static_cast<std::int64_t>(sum_integers(x, n)));
  } else {
    Lanes<double, kLanes * kParts> lanes(0);
    run_as_float64(lanes, x, n * kParts, 0, [](auto sum, auto value) VARVE_LAMBDA { return sum + value; });
    lanes.template fold<kParts>(parts, [](double a, double b) VARVE_LAMBDA { return a + b; });
  }
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
