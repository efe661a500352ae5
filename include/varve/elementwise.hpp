#pragma once

#include <optional>
#include <string_view>

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

/// Calls the elementwise function of that name. Errors: ArgumentError if there is none of so many operands.
Array elementwise(std::string_view name, const Operand& x);
Array elementwise(std::string_view name, const Operand& x1, const Operand& x2);

/// Converts to another dtype. Float to integer truncates toward zero and saturates; complex to real drops the
/// imaginary part.
Array astype(const Array& x, DType dtype);

inline Array abs(const Operand& x) {
  return elementwise("abs", x);
}  ///< magnitude; complex gives its real dtype
inline Array positive(const Operand& x) { return elementwise("positive", x); }  ///< x itself
inline Array negative(const Operand& x) { return elementwise("negative", x); }
inline Array sign(const Operand& x) { return elementwise("sign", x); }  ///< -1, 0, 1; complex: x / |x|
inline Array square(const Operand& x) { return elementwise("square", x); }
inline Array reciprocal(const Operand& x) {
  return elementwise("reciprocal", x);
}  ///< 1 / x; integers as float64
inline Array conj(const Operand& x) { return elementwise("conj", x); }
inline Array real(const Operand& x) { return elementwise("real", x); }
inline Array imag(const Operand& x) { return elementwise("imag", x); }
inline Array floor(const Operand& x) { return elementwise("floor", x); }  ///< integers are unchanged
inline Array ceil(const Operand& x) { return elementwise("ceil", x); }    ///< integers are unchanged
inline Array trunc(const Operand& x) { return elementwise("trunc", x); }  ///< integers are unchanged
inline Array round(const Operand& x) {
  return elementwise("round", x);
}  ///< half to even, complex part by part; integers are unchanged
/// Rounds to that many decimals, as NumPy does: `round(x * 10**decimals) / 10**decimals`; negative ones round
/// to tens, hundreds, ..., integers too. Errors: Error if |decimals| > 308.
Array round(const Operand& x, std::int64_t decimals);

inline Array sqrt(const Operand& x) { return elementwise("sqrt", x); }
inline Array cbrt(const Operand& x) { return elementwise("cbrt", x); }
inline Array exp(const Operand& x) { return elementwise("exp", x); }
inline Array exp2(const Operand& x) { return elementwise("exp2", x); }
inline Array expm1(const Operand& x) { return elementwise("expm1", x); }
inline Array log(const Operand& x) { return elementwise("log", x); }
inline Array log1p(const Operand& x) { return elementwise("log1p", x); }
inline Array log2(const Operand& x) { return elementwise("log2", x); }
inline Array log10(const Operand& x) { return elementwise("log10", x); }
inline Array sin(const Operand& x) { return elementwise("sin", x); }
inline Array cos(const Operand& x) { return elementwise("cos", x); }
inline Array tan(const Operand& x) { return elementwise("tan", x); }
inline Array asin(const Operand& x) { return elementwise("asin", x); }
inline Array acos(const Operand& x) { return elementwise("acos", x); }
inline Array atan(const Operand& x) { return elementwise("atan", x); }
inline Array sinh(const Operand& x) { return elementwise("sinh", x); }
inline Array cosh(const Operand& x) { return elementwise("cosh", x); }
inline Array tanh(const Operand& x) { return elementwise("tanh", x); }
inline Array asinh(const Operand& x) { return elementwise("asinh", x); }
inline Array acosh(const Operand& x) { return elementwise("acosh", x); }
inline Array atanh(const Operand& x) { return elementwise("atanh", x); }
inline Array deg2rad(const Operand& x) { return elementwise("deg2rad", x); }
inline Array rad2deg(const Operand& x) { return elementwise("rad2deg", x); }

inline Array add(const Operand& x1, const Operand& x2) { return elementwise("add", x1, x2); }
inline Array subtract(const Operand& x1, const Operand& x2) { return elementwise("subtract", x1, x2); }
inline Array multiply(const Operand& x1, const Operand& x2) { return elementwise("multiply", x1, x2); }
inline Array divide(const Operand& x1, const Operand& x2) {
  return elementwise("divide", x1, x2);
}  ///< true division: integers as float64
/// Rounds toward minus infinity; integers by zero give 0.
inline Array floor_divide(const Operand& x1, const Operand& x2) {
  return elementwise("floor_divide", x1, x2);
}
inline Array remainder(const Operand& x1, const Operand& x2) {
  return elementwise("remainder", x1, x2);
}  ///< the sign of x2; integers by zero give 0
inline Array fmod(const Operand& x1, const Operand& x2) {
  return elementwise("fmod", x1, x2);
}  ///< the sign of x1, as C
/// Raises to a power. Errors: DTypeError for integers to a negative integer scalar; DomainError while running
/// where an array of integer exponents has a negative one.
inline Array pow(const Operand& x1, const Operand& x2) { return elementwise("pow", x1, x2); }
inline Array atan2(const Operand& x1, const Operand& x2) { return elementwise("atan2", x1, x2); }
inline Array hypot(const Operand& x1, const Operand& x2) { return elementwise("hypot", x1, x2); }
inline Array copysign(const Operand& x1, const Operand& x2) { return elementwise("copysign", x1, x2); }
inline Array logaddexp(const Operand& x1, const Operand& x2) { return elementwise("logaddexp", x1, x2); }
inline Array maximum(const Operand& x1, const Operand& x2) {
  return elementwise("maximum", x1, x2);
}  ///< NaN where either is NaN
inline Array minimum(const Operand& x1, const Operand& x2) {
  return elementwise("minimum", x1, x2);
}  ///< NaN where either is NaN
inline Array fmax(const Operand& x1, const Operand& x2) {
  return elementwise("fmax", x1, x2);
}  ///< the other one where one is NaN
inline Array fmin(const Operand& x1, const Operand& x2) {
  return elementwise("fmin", x1, x2);
}  ///< the other one where one is NaN

inline Array bitwise_and(const Operand& x1, const Operand& x2) { return elementwise("bitwise_and", x1, x2); }
inline Array bitwise_or(const Operand& x1, const Operand& x2) { return elementwise("bitwise_or", x1, x2); }
inline Array bitwise_xor(const Operand& x1, const Operand& x2) { return elementwise("bitwise_xor", x1, x2); }
inline Array bitwise_invert(const Operand& x) { return elementwise("bitwise_invert", x); }
inline Array bitwise_left_shift(const Operand& x1, const Operand& x2) {
  return elementwise("bitwise_left_shift", x1, x2);
}
inline Array bitwise_right_shift(const Operand& x1, const Operand& x2) {
  return elementwise("bitwise_right_shift", x1, x2);
}

inline Array logical_and(const Operand& x1, const Operand& x2) { return elementwise("logical_and", x1, x2); }
inline Array logical_or(const Operand& x1, const Operand& x2) { return elementwise("logical_or", x1, x2); }
inline Array logical_xor(const Operand& x1, const Operand& x2) { return elementwise("logical_xor", x1, x2); }
inline Array logical_not(const Operand& x) { return elementwise("logical_not", x); }

inline Array equal(const Operand& x1, const Operand& x2) { return elementwise("equal", x1, x2); }
inline Array not_equal(const Operand& x1, const Operand& x2) { return elementwise("not_equal", x1, x2); }
inline Array less(const Operand& x1, const Operand& x2) { return elementwise("less", x1, x2); }
inline Array less_equal(const Operand& x1, const Operand& x2) { return elementwise("less_equal", x1, x2); }
inline Array greater(const Operand& x1, const Operand& x2) { return elementwise("greater", x1, x2); }
inline Array greater_equal(const Operand& x1, const Operand& x2) {
  return elementwise("greater_equal", x1, x2);
}

inline Array isnan(const Operand& x) { return elementwise("isnan", x); }
inline Array isinf(const Operand& x) { return elementwise("isinf", x); }
inline Array isfinite(const Operand& x) { return elementwise("isfinite", x); }
inline Array signbit(const Operand& x) { return elementwise("signbit", x); }

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
