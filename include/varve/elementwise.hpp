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

/// Calls the elementwise function of one operand of that name.
///
/// Errors:  ArgumentError if there is none.
Array elementwise(std::string_view name, const Operand& x);
/// Calls the elementwise function of two operands of that name.
///
/// Errors:  ArgumentError if there is none.
Array elementwise(std::string_view name, const Operand& x1, const Operand& x2);

/// Converts to another dtype. Float to integer truncates toward zero and saturates; complex to real drops the
/// imaginary part.
Array astype(const Array& x, DType dtype);

/// Returns the magnitude; complex numbers give their real dtype.
inline Array abs(const Operand& x) { return elementwise("abs", x); }
/// Returns the elements as they are.
inline Array positive(const Operand& x) { return elementwise("positive", x); }
/// Changes the signs.
inline Array negative(const Operand& x) { return elementwise("negative", x); }
/// Returns -1, 0 or 1 by the sign; complex numbers are divided by their magnitude.
inline Array sign(const Operand& x) { return elementwise("sign", x); }
/// Returns x * x.
inline Array square(const Operand& x) { return elementwise("square", x); }
/// Returns 1 / x; integers as float64.
inline Array reciprocal(const Operand& x) { return elementwise("reciprocal", x); }
/// Returns the complex conjugate; real numbers stay as they are.
inline Array conj(const Operand& x) { return elementwise("conj", x); }
/// Returns the real part.
inline Array real(const Operand& x) { return elementwise("real", x); }
/// Returns the imaginary part; 0 for real numbers.
inline Array imag(const Operand& x) { return elementwise("imag", x); }
/// Returns the largest integer not above each element; integers are unchanged.
inline Array floor(const Operand& x) { return elementwise("floor", x); }
/// Returns the smallest integer not below each element; integers are unchanged.
inline Array ceil(const Operand& x) { return elementwise("ceil", x); }  ///< integers are unchanged
/// Rounds towards zero; integers are unchanged.
inline Array trunc(const Operand& x) { return elementwise("trunc", x); }
/// Rounds half to even, complex numbers part by part; integers are unchanged.
inline Array round(const Operand& x) { return elementwise("round", x); }
/// Rounds to that many decimals, as NumPy does: `round(x * 10**decimals) / 10**decimals`; negative ones round
/// to tens, hundreds, ..., integers too.
///
/// Errors:  Error if |decimals| > 308.
Array round(const Operand& x, std::int64_t decimals);

/// Returns the square root; NaN for negative reals.
inline Array sqrt(const Operand& x) { return elementwise("sqrt", x); }
/// Returns the cube root, of negative numbers too.
inline Array cbrt(const Operand& x) { return elementwise("cbrt", x); }
/// Returns e to the power of each element.
inline Array exp(const Operand& x) { return elementwise("exp", x); }
/// Returns 2 to the power of each element.
inline Array exp2(const Operand& x) { return elementwise("exp2", x); }
/// Returns exp(x) - 1, exact near zero.
inline Array expm1(const Operand& x) { return elementwise("expm1", x); }
/// Returns the natural logarithm.
inline Array log(const Operand& x) { return elementwise("log", x); }
/// Returns log(1 + x), exact near zero.
inline Array log1p(const Operand& x) { return elementwise("log1p", x); }
/// Returns the logarithm to base 2.
inline Array log2(const Operand& x) { return elementwise("log2", x); }
/// Returns the logarithm to base 10.
inline Array log10(const Operand& x) { return elementwise("log10", x); }
/// Returns the sine of an angle in radians.
inline Array sin(const Operand& x) { return elementwise("sin", x); }
/// Returns the cosine of an angle in radians.
inline Array cos(const Operand& x) { return elementwise("cos", x); }
/// Returns the tangent of an angle in radians.
inline Array tan(const Operand& x) { return elementwise("tan", x); }
/// Returns the inverse sine, in radians.
inline Array asin(const Operand& x) { return elementwise("asin", x); }
/// Returns the inverse cosine, in radians.
inline Array acos(const Operand& x) { return elementwise("acos", x); }
/// Returns the inverse tangent, in radians.
inline Array atan(const Operand& x) { return elementwise("atan", x); }
/// Returns the hyperbolic sine.
inline Array sinh(const Operand& x) { return elementwise("sinh", x); }
/// Returns the hyperbolic cosine.
inline Array cosh(const Operand& x) { return elementwise("cosh", x); }
/// Returns the hyperbolic tangent.
inline Array tanh(const Operand& x) { return elementwise("tanh", x); }
/// Returns the inverse hyperbolic sine.
inline Array asinh(const Operand& x) { return elementwise("asinh", x); }
/// Returns the inverse hyperbolic cosine.
inline Array acosh(const Operand& x) { return elementwise("acosh", x); }
/// Returns the inverse hyperbolic tangent.
inline Array atanh(const Operand& x) { return elementwise("atanh", x); }
/// Converts degrees to radians.
inline Array deg2rad(const Operand& x) { return elementwise("deg2rad", x); }
/// Converts radians to degrees.
inline Array rad2deg(const Operand& x) { return elementwise("rad2deg", x); }

/// Returns x1 + x2.
inline Array add(const Operand& x1, const Operand& x2) { return elementwise("add", x1, x2); }
/// Returns x1 - x2.
inline Array subtract(const Operand& x1, const Operand& x2) { return elementwise("subtract", x1, x2); }
/// Returns x1 * x2.
inline Array multiply(const Operand& x1, const Operand& x2) { return elementwise("multiply", x1, x2); }
/// Returns x1 / x2; integers as float64.
inline Array divide(const Operand& x1, const Operand& x2) { return elementwise("divide", x1, x2); }
/// Returns the quotient rounded toward minus infinity; integers by zero give 0.
inline Array floor_divide(const Operand& x1, const Operand& x2) {
  return elementwise("floor_divide", x1, x2);
}
/// Returns what is left of `floor_divide`, with the sign of x2; integers by zero give 0.
inline Array remainder(const Operand& x1, const Operand& x2) { return elementwise("remainder", x1, x2); }
/// Returns what is left of a division that rounds towards zero, with the sign of x1, as in C.
inline Array fmod(const Operand& x1, const Operand& x2) { return elementwise("fmod", x1, x2); }
/// Raises to a power.
///
/// Errors:  DTypeError for integers to a negative integer scalar; DomainError while running where an array of
///          integer exponents has a negative one.
inline Array pow(const Operand& x1, const Operand& x2) { return elementwise("pow", x1, x2); }
/// Returns the angle of the point (x2, x1) with the first axis, in radians.
inline Array atan2(const Operand& x1, const Operand& x2) { return elementwise("atan2", x1, x2); }
/// Returns sqrt(x1^2 + x2^2) without overflow between.
inline Array hypot(const Operand& x1, const Operand& x2) { return elementwise("hypot", x1, x2); }
/// Returns the magnitude of x1 with the sign of x2.
inline Array copysign(const Operand& x1, const Operand& x2) { return elementwise("copysign", x1, x2); }
/// Returns log(exp(x1) + exp(x2)) without overflow between.
inline Array logaddexp(const Operand& x1, const Operand& x2) { return elementwise("logaddexp", x1, x2); }
/// Returns the larger of two elements; NaN where either is NaN.
inline Array maximum(const Operand& x1, const Operand& x2) { return elementwise("maximum", x1, x2); }
/// Returns the smaller of two elements; NaN where either is NaN.
inline Array minimum(const Operand& x1, const Operand& x2) { return elementwise("minimum", x1, x2); }
/// Returns the larger of two elements; the other one where one is NaN.
inline Array fmax(const Operand& x1, const Operand& x2) { return elementwise("fmax", x1, x2); }
/// Returns the smaller of two elements; the other one where one is NaN.
inline Array fmin(const Operand& x1, const Operand& x2) { return elementwise("fmin", x1, x2); }

/// Returns the bits that both have.
inline Array bitwise_and(const Operand& x1, const Operand& x2) { return elementwise("bitwise_and", x1, x2); }
/// Returns the bits that either has.
inline Array bitwise_or(const Operand& x1, const Operand& x2) { return elementwise("bitwise_or", x1, x2); }
/// Returns the bits that one of them has.
inline Array bitwise_xor(const Operand& x1, const Operand& x2) { return elementwise("bitwise_xor", x1, x2); }
/// Reverses all bits; `logical_not` for bool.
inline Array bitwise_invert(const Operand& x) { return elementwise("bitwise_invert", x); }
/// Moves the bits of x1 up by x2.
inline Array bitwise_left_shift(const Operand& x1, const Operand& x2) {
  return elementwise("bitwise_left_shift", x1, x2);
}
/// Moves the bits of x1 down by x2; the sign is kept.
inline Array bitwise_right_shift(const Operand& x1, const Operand& x2) {
  return elementwise("bitwise_right_shift", x1, x2);
}

/// Tells where both are true; numbers are, unless zero.
inline Array logical_and(const Operand& x1, const Operand& x2) { return elementwise("logical_and", x1, x2); }
/// Tells where either is true; numbers are, unless zero.
inline Array logical_or(const Operand& x1, const Operand& x2) { return elementwise("logical_or", x1, x2); }
/// Tells where one of the two is true; numbers are, unless zero.
inline Array logical_xor(const Operand& x1, const Operand& x2) { return elementwise("logical_xor", x1, x2); }
/// Tells where x is false or zero.
inline Array logical_not(const Operand& x) { return elementwise("logical_not", x); }

/// Tells where x1 == x2.
inline Array equal(const Operand& x1, const Operand& x2) { return elementwise("equal", x1, x2); }
/// Tells where x1 != x2.
inline Array not_equal(const Operand& x1, const Operand& x2) { return elementwise("not_equal", x1, x2); }
/// Tells where x1 < x2.
inline Array less(const Operand& x1, const Operand& x2) { return elementwise("less", x1, x2); }
/// Tells where x1 <= x2.
inline Array less_equal(const Operand& x1, const Operand& x2) { return elementwise("less_equal", x1, x2); }
/// Tells where x1 > x2.
inline Array greater(const Operand& x1, const Operand& x2) { return elementwise("greater", x1, x2); }
/// Tells where x1 >= x2.
inline Array greater_equal(const Operand& x1, const Operand& x2) {
  return elementwise("greater_equal", x1, x2);
}

/// Tells where an element is NaN.
inline Array isnan(const Operand& x) { return elementwise("isnan", x); }
/// Tells where an element is infinite.
inline Array isinf(const Operand& x) { return elementwise("isinf", x); }
/// Tells where an element is neither infinite nor NaN.
inline Array isfinite(const Operand& x) { return elementwise("isfinite", x); }
/// Tells where the sign bit is set, of -0.0 too.
inline Array signbit(const Operand& x) { return elementwise("signbit", x); }

/// Chooses `x1` where `condition` holds, else `x2`.
///
/// Errors:  DTypeError if the condition is not bool.
Array where(const Operand& condition, const Operand& x1, const Operand& x2);

/// Limits values to [min, max]; an absent bound does not limit. NaN stays.
///
/// Dtype:   all are promoted, as in NumPy.
Array clip(const Operand& x, const std::optional<Operand>& min = {}, const std::optional<Operand>& max = {});

/// Options of `isclose`.
struct IsCloseOptions {
  double rtol = 1e-5;      ///< tolerance relative to |x2|
  double atol = 1e-8;      ///< absolute tolerance
  bool equal_nan = false;  ///< whether NaN is close to NaN
};

/// Tells where |x1 - x2| <= atol + rtol * |x2|; equal infinities are close.
Array isclose(const Operand& x1, const Operand& x2, const IsCloseOptions& options = {});

/// Options of `nan_to_num`.
struct NanToNumOptions {
  double nan = 0.0;                   ///< in place of NaN
  std::optional<double> posinf = {};  ///< absent: the largest finite number of the dtype
  std::optional<double> neginf = {};  ///< absent: the smallest finite number of the dtype
};

/// Replaces NaN and infinities by finite numbers; integers are unchanged.
Array nan_to_num(const Operand& x, const NanToNumOptions& options = {});

}  // namespace varve
