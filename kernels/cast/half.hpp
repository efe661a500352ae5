#pragma once

#include <bit>

#include "kernels/isa.hpp"
#include "varve/core/dtype.hpp"

/// float16 by bit arithmetic, in forms that the compiler vectorises: every choice is a select. Bits agree
/// with the F16C instructions, NaN payloads included (they keep the leading bits and become quiet).
namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

VARVE_INLINE float widen_half(Float16 half) noexcept {
  const std::uint32_t magnitude = half.bits & 0x7fffu;
  // The exponent is off by 112 = 127 - 15; the multiplication mends it for subnormal numbers too.
  const float finite = std::bit_cast<float>(magnitude << 13) * 0x1p+112f;
  std::uint32_t bits = std::bit_cast<std::uint32_t>(finite);
  bits = magnitude >= 0x7c00u ? (magnitude << 13) | 0x7f800000u : bits;
  bits = magnitude > 0x7c00u ? bits | 0x00400000u : bits;
  return std::bit_cast<float>(bits | ((half.bits & 0x8000u) << 16));
}

VARVE_INLINE Float16 narrow_to_half(float x) noexcept {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  // Half to even: 0xfff rounds down on a tie, plus the last kept bit makes it round up if that is odd.
  const std::uint32_t normal = (magnitude - (112u << 23) + 0xfffu + ((magnitude >> 13) & 1u)) >> 13;
  // The last place of 0.5f is that of a subnormal half, so this addition rounds at the right bit.
  const float aligned = std::bit_cast<float>(magnitude) + 0.5f;
  const std::uint32_t subnormal = std::bit_cast<std::uint32_t>(aligned) - 0x3f000000u;
  const std::uint32_t nan = 0x7e00u | ((magnitude >> 13) & 0x3ffu);
  std::uint32_t half = magnitude < 0x38800000u ? subnormal : normal;
  half = magnitude >= 0x47800000u ? 0x7c00u : half;
  half = magnitude > 0x7f800000u ? nan : half;
  return Float16{static_cast<std::uint16_t>(half | ((bits >> 16) & 0x8000u))};
}

/// Rounds once, not twice: the step through float rounds to odd, which keeps the information that a second
/// rounding needs (float has more than two bits beyond half).
VARVE_INLINE Float16 narrow_to_half(double x) noexcept {
  const float nearest = static_cast<float>(x);
  const double back = static_cast<double>(nearest);
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(nearest);
  const std::uint32_t too_far = __builtin_fabs(back) > __builtin_fabs(x) ? 1u : 0u;
  const std::uint32_t odd = (bits - too_far) | 1u;
  const bool exact = back == x || x != x;
  return narrow_to_half(std::bit_cast<float>(exact ? bits : odd));
}

}  // namespace
}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
