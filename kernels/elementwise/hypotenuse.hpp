#pragma once

#include <limits>

#include "kernels/isa.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

VARVE_INLINE float magnitude(float x) noexcept { return __builtin_fabsf(x); }
VARVE_INLINE double magnitude(double x) noexcept { return __builtin_fabs(x); }

/// Returns sqrt(x^2 + y^2) without overflow or underflow on the way, to 1 ulp; infinite if either is, even
/// beside NaN.
VARVE_INLINE float hypotenuse(float x, float y) noexcept {
  const double wide_x = static_cast<double>(x);
  const double wide_y = static_cast<double>(y);
  const float length = static_cast<float>(__builtin_sqrt(wide_x * wide_x + wide_y * wide_y));
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  return (magnitude(x) == kInfinity) | (magnitude(y) == kInfinity) ? kInfinity : length;
}

VARVE_INLINE double hypotenuse(double x, double y) noexcept {
  const double a = magnitude(x);
  const double b = magnitude(y);
  const double larger = a > b ? a : b;
  // Powers of two, so scaling is exact wherever it matters.
  double scale = 1.0;
  double unscale = 1.0;
  scale = larger > 0x1p+500 ? 0x1p-600 : scale;
  unscale = larger > 0x1p+500 ? 0x1p+600 : unscale;
  scale = larger < 0x1p-450 ? 0x1p+600 : scale;
  unscale = larger < 0x1p-450 ? 0x1p-600 : unscale;
  const double scaled_a = a * scale;
  const double scaled_b = b * scale;
  const double length = __builtin_sqrt(scaled_a * scaled_a + scaled_b * scaled_b) * unscale;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  return (a == kInfinity) | (b == kInfinity) ? kInfinity : length;
}

}  // namespace
}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
