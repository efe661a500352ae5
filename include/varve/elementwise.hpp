#pragma once

#include <optional>

#include "varve/array.hpp"
#include "varve/core/error.hpp"

namespace varve {

// Elementwise functions: the Array API standard 2023.12 and a few of NumPy's.
//
// Shape:   the operands broadcast, by NumPy's rules.
// Dtype:   operands are promoted (varve/core/dtype.hpp); scalars are weak. Comparisons of integers are exact,
//          also of int64 with uint64, which are promoted to float64 elsewhere. Functions of real analysis
//          (sqrt, exp, sin, ...) take integers and bool as float64; float16 is computed in float32.
//          Comparisons and logic give bool.
// Chunks:  those of the largest operand.
// Memory:  fused: a chain of elementwise functions touches each element once and stores no intermediate
//          array.
// Errors:  ShapeError if shapes do not broadcast; DTypeError if the function is not defined for the dtype.

/// Converts to another dtype. Float to integer truncates toward zero and saturates; complex to real drops the
/// imaginary part.
Array astype(const Array& x, DType dtype);

Array abs(const Operand& x);       ///< magnitude; complex gives its real dtype
Array positive(const Operand& x);  ///< x itself
Array negative(const Operand& x);
Array sign(const Operand& x);  ///< -1, 0, 1; complex: x / |x|
Array square(const Operand& x);
Array reciprocal(const Operand& x);  ///< 1 / x; integers as float64
Array conj(const Operand& x);
Array real(const Operand& x);
Array imag(const Operand& x);
Array floor(const Operand& x);  ///< integers are unchanged
Array ceil(const Operand& x);   ///< integers are unchanged
Array trunc(const Operand& x);  ///< integers are unchanged
Array round(const Operand& x);  ///< half to even, complex part by part; integers are unchanged
/// Rounds to that many decimals, as NumPy does: `round(x * 10**decimals) / 10**decimals`; negative ones round
/// to tens, hundreds, ..., integers too. Errors: Error if |decimals| > 308.
Array round(const Operand& x, std::int64_t decimals);

Array sqrt(const Operand& x);
Array cbrt(const Operand& x);
Array exp(const Operand& x);
Array exp2(const Operand& x);
Array expm1(const Operand& x);
Array log(const Operand& x);
Array log1p(const Operand& x);
Array log2(const Operand& x);
Array log10(const Operand& x);
Array sin(const Operand& x);
Array cos(const Operand& x);
Array tan(const Operand& x);
Array asin(const Operand& x);
Array acos(const Operand& x);
Array atan(const Operand& x);
Array sinh(const Operand& x);
Array cosh(const Operand& x);
Array tanh(const Operand& x);
Array asinh(const Operand& x);
Array acosh(const Operand& x);
Array atanh(const Operand& x);
Array deg2rad(const Operand& x);
Array rad2deg(const Operand& x);

Array add(const Operand& x1, const Operand& x2);
Array subtract(const Operand& x1, const Operand& x2);
Array multiply(const Operand& x1, const Operand& x2);
Array divide(const Operand& x1, const Operand& x2);  ///< true division: integers as float64
/// Rounds toward minus infinity; integers by zero give 0.
Array floor_divide(const Operand& x1, const Operand& x2);
Array remainder(const Operand& x1, const Operand& x2);  ///< the sign of x2; integers by zero give 0
Array fmod(const Operand& x1, const Operand& x2);       ///< the sign of x1, as C
/// Raises to a power. Errors: DTypeError for integers to a negative integer scalar; DomainError while running
/// where an array of integer exponents has a negative one.
Array pow(const Operand& x1, const Operand& x2);
Array atan2(const Operand& x1, const Operand& x2);
Array hypot(const Operand& x1, const Operand& x2);
Array copysign(const Operand& x1, const Operand& x2);
Array logaddexp(const Operand& x1, const Operand& x2);
Array maximum(const Operand& x1, const Operand& x2);  ///< NaN where either is NaN
Array minimum(const Operand& x1, const Operand& x2);  ///< NaN where either is NaN
Array fmax(const Operand& x1, const Operand& x2);     ///< the other one where one is NaN
Array fmin(const Operand& x1, const Operand& x2);     ///< the other one where one is NaN

Array bitwise_and(const Operand& x1, const Operand& x2);
Array bitwise_or(const Operand& x1, const Operand& x2);
Array bitwise_xor(const Operand& x1, const Operand& x2);
Array bitwise_invert(const Operand& x);
Array bitwise_left_shift(const Operand& x1, const Operand& x2);
Array bitwise_right_shift(const Operand& x1, const Operand& x2);

Array logical_and(const Operand& x1, const Operand& x2);
Array logical_or(const Operand& x1, const Operand& x2);
Array logical_xor(const Operand& x1, const Operand& x2);
Array logical_not(const Operand& x);

Array equal(const Operand& x1, const Operand& x2);
Array not_equal(const Operand& x1, const Operand& x2);
Array less(const Operand& x1, const Operand& x2);
Array less_equal(const Operand& x1, const Operand& x2);
Array greater(const Operand& x1, const Operand& x2);
Array greater_equal(const Operand& x1, const Operand& x2);

Array isnan(const Operand& x);
Array isinf(const Operand& x);
Array isfinite(const Operand& x);
Array signbit(const Operand& x);

/// Chooses `x1` where `condition` holds, else `x2`. Errors: DTypeError if the condition is not bool.
Array where(const Operand& condition, const Operand& x1, const Operand& x2);

/// Limits values to [min, max]; an absent bound does not limit. NaN stays. Dtype: all are promoted, as in
/// NumPy.
Array clip(const Operand& x, const std::optional<Operand>& min = {}, const std::optional<Operand>& max = {});

struct IsCloseOptions {
  double rtol = 1e-5;
  double atol = 1e-8;
  bool equal_nan = false;
};
/// Tells where |x1 - x2| <= atol + rtol * |x2|; equal infinities are close.
Array isclose(const Operand& x1, const Operand& x2, const IsCloseOptions& options = {});

struct NanToNumOptions {
  double nan = 0.0;
  std::optional<double> posinf = {};  ///< absent: the largest finite number of the dtype
  std::optional<double> neginf = {};  ///< absent: the least finite number of the dtype
};
/// Replaces NaN and infinities by finite numbers; integers are unchanged.
Array nan_to_num(const Operand& x, const NanToNumOptions& options = {});

}  // namespace varve
