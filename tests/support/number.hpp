#pragma once

#include <complex>
#include <cstddef>
#include <limits>

#include "varve/core/dtype.hpp"

namespace varve::dense {

/// Holds every value of every dtype exactly: 64 significant bits cover int64, uint64 and float64.
using Real = long double;
using Number = std::complex<Real>;
static_assert(std::numeric_limits<Real>::digits >= 64, "the oracle needs an extended long double");

__extension__ typedef __int128 Wide;  ///< holds any sum or difference of 64-bit integers

/// Reads one element.
[[nodiscard]] Number load(DType dtype, const std::byte* from);
/// Writes one element, which must be a value of that dtype.
void store(DType dtype, const Number& value, std::byte* to);

/// Reduces an integer to the bits of an integer dtype (two's complement); bool: whether it is not zero.
[[nodiscard]] Number wrapped(DType dtype, Wide value);
/// Rounds to the nearest value of a floating or complex dtype, ties to even; float16 by way of float32.
[[nodiscard]] Number rounded(DType dtype, const Number& value);
/// Converts as `astype` promises: truncates and saturates, wraps between integers, drops imaginary parts.
[[nodiscard]] Number cast(const Number& value, DType from, DType to);

/// Returns the distance between neighbours of a floating dtype near that magnitude (of its parts, for
/// complex).
[[nodiscard]] Real ulp(DType dtype, Real magnitude);
/// Returns the largest finite value of a floating dtype.
[[nodiscard]] Real largest(DType dtype);

[[nodiscard]] inline bool truth(const Number& value) { return value.real() != 0 || value.imag() != 0; }
[[nodiscard]] inline bool is_nan(const Number& value) {
  return value.real() != value.real() || value.imag() != value.imag();
}

}  // namespace varve::dense
