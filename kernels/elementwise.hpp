#pragma once

#include "kernels/vector.hpp"

namespace varve::kernels {

/// Names every elementwise kernel. All operands of a kernel have one dtype, the *compute dtype* (`where`:
/// operand 0 is bool; `ldexp`-like mixed forms do not exist). The output dtype is the compute dtype, except
/// where noted.
enum class ElementwiseOp : std::uint8_t {
  // unary, compute dtype out
  positive,
  negative,
  abs /* complex -> real */,
  sign,
  square,
  reciprocal,
  conj,
  floor,
  ceil,
  trunc,
  round,
  sqrt,
  cbrt,
  exp,
  exp2,
  expm1,
  log,
  log1p,
  log2,
  log10,
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  sinh,
  cosh,
  tanh,
  asinh,
  acosh,
  atanh,
  deg2rad,
  rad2deg,
  bitwise_invert,
  logical_not /* -> bool */,
  isnan /* -> bool */,
  isinf /* -> bool */,
  isfinite /* -> bool */,
  signbit /* -> bool */,
  real /* complex -> real */,
  imag /* complex -> real */,
  // binary
  add,
  subtract,
  multiply,
  divide,
  floor_divide,
  remainder,
  fmod,
  pow,
  atan2,
  hypot,
  copysign,
  logaddexp,
  maximum,
  minimum,
  fmax,
  fmin,
  bitwise_and,
  bitwise_or,
  bitwise_xor,
  bitwise_left_shift,
  bitwise_right_shift,
  logical_and /* -> bool */,
  logical_or /* -> bool */,
  logical_xor /* -> bool */,
  equal /* -> bool */,
  not_equal /* -> bool */,
  less /* -> bool */,
  less_equal /* -> bool */,
  greater /* -> bool */,
  greater_equal /* -> bool */,
  // ternary
  where /* (bool, x, y) */,
  clip /* (x, min, max) as NumPy: minimum(maximum(x, min), max) */,
  nan_to_num /* quaternary: (x, nan, posinf, neginf) */,
};

inline constexpr int kElementwiseOpCount = static_cast<int>(ElementwiseOp::nan_to_num) + 1;

/// Returns the kernel for the compute dtype, of the best instruction set that this processor has; null where
/// the operation does not exist for the dtype (float16 never: it is computed in float32).
[[nodiscard]] VectorFunction find_elementwise(ElementwiseOp op, DType compute_dtype) noexcept;

/// Returns the conversion kernel from one dtype to another; every pair has one. Float to integer truncates;
/// out of range and NaN saturate / give 0 without undefined behaviour; complex to real drops the imaginary
/// part; to bool is `!= 0`.
[[nodiscard]] VectorFunction find_cast(DType from, DType to) noexcept;

}  // namespace varve::kernels
