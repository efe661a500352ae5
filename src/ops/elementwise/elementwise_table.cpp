#include "ops/elementwise/elementwise_table.hpp"

#include <iterator>
#include <string>

#include "varve/core/error.hpp"

namespace varve::ops {
namespace {

using Op = kernels::ElementwiseOp;
using enum DTypeRule;
using enum KnownAnswer;
constexpr bool kCheap = true;
constexpr bool kCostly = false;

// In the order of the enumeration, so that a row is found by its position.
constexpr ElementwiseRow kRows[] = {
    {Op::positive, "positive", 1, keep, kCheap, "The elements as they are", "", numbers_same},
    {Op::negative, "negative", 1, keep, kCheap, "The elements with their signs changed"},
    {Op::abs, "abs", 1, magnitude, kCheap, "Absolute value; of complex numbers their magnitude",
     "absolute|fabs", unsigned_same},
    {Op::sign, "sign", 1, keep, kCheap,
     "-1, 0 or 1 by the sign of each element; complex numbers divided by their magnitude"},
    {Op::square, "square", 1, keep, kCheap, "x * x"},
    {Op::reciprocal, "reciprocal", 1, floating, kCheap, "1 / x"},
    {Op::conj, "conj", 1, keep, kCheap, "Complex conjugate; real numbers stay as they are", "conjugate",
     reals_same},
    {Op::floor, "floor", 1, keep, kCheap, "The largest integer not above each element", "", integers_same},
    {Op::ceil, "ceil", 1, keep, kCheap, "The smallest integer not below each element", "", integers_same},
    {Op::trunc, "trunc", 1, keep, kCheap, "The integer next to each element towards zero", "fix",
     integers_same},
    {Op::round, "round", 1, keep, kCheap, "", "", integers_same},
    {Op::sqrt, "sqrt", 1, floating, kCheap, "Square root; NaN for negative reals"},
    {Op::cbrt, "cbrt", 1, floating, kCostly, "Cube root, of negative numbers too"},
    {Op::exp, "exp", 1, floating, kCostly, "e to the power of each element"},
    {Op::exp2, "exp2", 1, floating, kCostly, "2 to the power of each element"},
    {Op::expm1, "expm1", 1, floating, kCostly, "exp(x) - 1, exact near zero"},
    {Op::log, "log", 1, floating, kCostly, "Natural logarithm"},
    {Op::log1p, "log1p", 1, floating, kCostly, "log(1 + x), exact near zero"},
    {Op::log2, "log2", 1, floating, kCostly, "Logarithm to base 2"},
    {Op::log10, "log10", 1, floating, kCostly, "Logarithm to base 10"},
    {Op::sin, "sin", 1, floating, kCostly, "Sine of an angle in radians"},
    {Op::cos, "cos", 1, floating, kCostly, "Cosine of an angle in radians"},
    {Op::tan, "tan", 1, floating, kCostly, "Tangent of an angle in radians"},
    {Op::asin, "asin", 1, floating, kCostly, "Inverse sine, in radians", "arcsin"},
    {Op::acos, "acos", 1, floating, kCostly, "Inverse cosine, in radians", "arccos"},
    {Op::atan, "atan", 1, floating, kCostly, "Inverse tangent, in radians", "arctan"},
    {Op::sinh, "sinh", 1, floating, kCostly, "Hyperbolic sine"},
    {Op::cosh, "cosh", 1, floating, kCostly, "Hyperbolic cosine"},
    {Op::tanh, "tanh", 1, floating, kCostly, "Hyperbolic tangent"},
    {Op::asinh, "asinh", 1, floating, kCostly, "Inverse hyperbolic sine", "arcsinh"},
    {Op::acosh, "acosh", 1, floating, kCostly, "Inverse hyperbolic cosine", "arccosh"},
    {Op::atanh, "atanh", 1, floating, kCostly, "Inverse hyperbolic tangent", "arctanh"},
    {Op::deg2rad, "deg2rad", 1, floating, kCheap, "Degrees to radians", "radians"},
    {Op::rad2deg, "rad2deg", 1, floating, kCheap, "Radians to degrees", "degrees"},
    {Op::bitwise_invert, "bitwise_invert", 1, keep, kCheap, "~x: all bits reversed; not, for booleans",
     "invert|bitwise_not"},
    {Op::logical_not, "logical_not", 1, predicate, kCheap, "True where x is false or zero"},
    {Op::isnan, "isnan", 1, predicate, kCheap, "True where an element is NaN", "", integers_false},
    {Op::isinf, "isinf", 1, predicate, kCheap, "True where an element is infinite", "", integers_false},
    {Op::isfinite, "isfinite", 1, predicate, kCheap, "True where an element is neither infinite nor NaN", "",
     integers_true},
    {Op::signbit, "signbit", 1, predicate, kCheap, "True where the sign bit is set, of -0.0 too"},
    {Op::real, "real", 1, magnitude, kCheap, "Real part", "", reals_same},
    {Op::imag, "imag", 1, magnitude, kCheap, "Imaginary part; 0 for real numbers", "", reals_zero},
    {Op::add, "add", 2, keep, kCheap, "x1 + x2"},
    {Op::subtract, "subtract", 2, keep, kCheap, "x1 - x2"},
    {Op::multiply, "multiply", 2, keep, kCheap, "x1 * x2"},
    {Op::divide, "divide", 2, floating, kCheap, "x1 / x2 as floats", "true_divide"},
    {Op::floor_divide, "floor_divide", 2, keep, kCheap, "x1 // x2: the quotient rounded down"},
    {Op::remainder, "remainder", 2, keep, kCheap,
     "x1 % x2: what is left of floor_divide, with the sign of x2", "mod"},
    {Op::fmod, "fmod", 2, keep, kCheap,
     "What is left of a division that rounds towards zero, with the sign of x1"},
    {Op::pow, "pow", 2, keep, kCostly, "x1 ** x2", "power"},
    {Op::atan2, "atan2", 2, floating, kCostly,
     "The angle of the point (x2, x1) with the first axis, in radians", "arctan2"},
    {Op::hypot, "hypot", 2, floating, kCheap, "sqrt(x1 ** 2 + x2 ** 2) without overflow between"},
    {Op::copysign, "copysign", 2, floating, kCheap, "The magnitude of x1 with the sign of x2"},
    {Op::logaddexp, "logaddexp", 2, floating, kCostly, "log(exp(x1) + exp(x2)) without overflow between"},
    {Op::maximum, "maximum", 2, keep, kCheap, "The larger of two elements; NaN if either is"},
    {Op::minimum, "minimum", 2, keep, kCheap, "The smaller of two elements; NaN if either is"},
    {Op::fmax, "fmax", 2, keep, kCheap, "The larger of two elements; a NaN counts as missing"},
    {Op::fmin, "fmin", 2, keep, kCheap, "The smaller of two elements; a NaN counts as missing"},
    {Op::bitwise_and, "bitwise_and", 2, keep, kCheap, "x1 & x2: bits that both have"},
    {Op::bitwise_or, "bitwise_or", 2, keep, kCheap, "x1 | x2: bits that either has"},
    {Op::bitwise_xor, "bitwise_xor", 2, keep, kCheap, "x1 ^ x2: bits that one of them has"},
    {Op::bitwise_left_shift, "bitwise_left_shift", 2, keep, kCheap, "x1 << x2: bits moved up", "left_shift"},
    {Op::bitwise_right_shift, "bitwise_right_shift", 2, keep, kCheap,
     "x1 >> x2: bits moved down, the sign kept", "right_shift"},
    {Op::logical_and, "logical_and", 2, predicate, kCheap,
     "True where both are; numbers count as true unless zero"},
    {Op::logical_or, "logical_or", 2, predicate, kCheap,
     "True where either is; numbers count as true unless zero"},
    {Op::logical_xor, "logical_xor", 2, predicate, kCheap,
     "True where one of the two is; numbers count as true unless zero"},
    {Op::equal, "equal", 2, predicate, kCheap, "x1 == x2"},
    {Op::not_equal, "not_equal", 2, predicate, kCheap, "x1 != x2"},
    {Op::less, "less", 2, predicate, kCheap, "x1 < x2"},
    {Op::less_equal, "less_equal", 2, predicate, kCheap, "x1 <= x2"},
    {Op::greater, "greater", 2, predicate, kCheap, "x1 > x2"},
    {Op::greater_equal, "greater_equal", 2, predicate, kCheap, "x1 >= x2"},
    {Op::where, "where", 3, select, kCheap},
    {Op::clip, "clip", 3, keep, kCheap},
    {Op::nan_to_num, "nan_to_num", 4, keep, kCheap},
};
static_assert(std::size(kRows) == kernels::kElementwiseOpCount);

constexpr bool in_order() {
  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    if (kRows[i].op != static_cast<Op>(i)) return false;
  }
  return true;
}
static_assert(in_order());

}  // namespace

std::span<const ElementwiseRow> elementwise_rows() noexcept { return kRows; }

const ElementwiseRow& elementwise_row(kernels::ElementwiseOp op) noexcept {
  return kRows[static_cast<int>(op)];
}

void refuse_operands(kernels::ElementwiseOp op) {
  throw DomainError(std::string(elementwise_row(op).name) +
                    ": integers have no negative powers, and an exponent is negative; cast the base to a "
                    "floating dtype with astype first");
}

}  // namespace varve::ops
