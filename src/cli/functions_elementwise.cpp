#include "cli/functions.hpp"
#include "varve/elementwise.hpp"

namespace varve::cli {
namespace {

template <Array (*F)(const Operand&)>
Value unary(const Arguments& a) {
  return {F(a.operand("x"))};
}

template <Array (*F)(const Operand&, const Operand&)>
Value binary(const Arguments& a) {
  return {F(a.operand("x1"), a.operand("x2"))};
}

Value clipped(const Arguments& a) {
  return {clip(a.operand("x"), a.optional_operand("min"), a.optional_operand("max"))};
}

Value close(const Arguments& a) {
  return {isclose(a.operand("x1"), a.operand("x2"),
                  {.rtol = a.real("rtol"), .atol = a.real("atol"), .equal_nan = a.flag("equal_nan")})};
}

Value without_nan(const Arguments& a) {
  return {nan_to_num(
      a.operand("x"),
      {.nan = a.real("nan"), .posinf = a.optional_real("posinf"), .neginf = a.optional_real("neginf")})};
}

constexpr Function kFunctions[] = {
    {"astype(x, dtype, ~copy=True, ~device=None)",
     "Elements converted to a dtype; floats cut to integers as C does",
     [](const Arguments& a) -> Value { return {astype(a.array("x"), a.dtype("dtype"))}; }},
    {"abs(x)", "Absolute value; of complex numbers their magnitude", unary<varve::abs>},
    {"positive(x)", "The elements as they are", unary<varve::positive>},
    {"negative(x)", "The elements with their signs changed", unary<varve::negative>},
    {"sign(x)", "-1, 0 or 1 by the sign of each element; complex numbers divided by their magnitude",
     unary<varve::sign>},
    {"square(x)", "x * x", unary<varve::square>},
    {"reciprocal(x)", "1 / x", unary<varve::reciprocal>},
    {"conj(x)", "Complex conjugate; real numbers stay as they are", unary<varve::conj>},
    {"real(x)", "Real part", unary<varve::real>},
    {"imag(x)", "Imaginary part; 0 for real numbers", unary<varve::imag>},
    {"floor(x)", "The largest integer not above each element", unary<varve::floor>},
    {"ceil(x)", "The smallest integer not below each element", unary<varve::ceil>},
    {"trunc(x)", "The integer next to each element towards zero", unary<varve::trunc>},
    {"round(x, decimals=0)", "The nearest number with so many decimals; halves go to the even one",
     [](const Arguments& a) -> Value { return {round(a.operand("x"), a.integer("decimals"))}; }},
    {"sqrt(x)", "Square root; NaN for negative reals", unary<varve::sqrt>},
    {"cbrt(x)", "Cube root, of negative numbers too", unary<varve::cbrt>},
    {"exp(x)", "e to the power of each element", unary<varve::exp>},
    {"exp2(x)", "2 to the power of each element", unary<varve::exp2>},
    {"expm1(x)", "exp(x) - 1, exact near zero", unary<varve::expm1>},
    {"log(x)", "Natural logarithm", unary<varve::log>},
    {"log1p(x)", "log(1 + x), exact near zero", unary<varve::log1p>},
    {"log2(x)", "Logarithm to base 2", unary<varve::log2>},
    {"log10(x)", "Logarithm to base 10", unary<varve::log10>},
    {"sin(x)", "Sine of an angle in radians", unary<varve::sin>},
    {"cos(x)", "Cosine of an angle in radians", unary<varve::cos>},
    {"tan(x)", "Tangent of an angle in radians", unary<varve::tan>},
    {"asin(x)", "Inverse sine, in radians", unary<varve::asin>},
    {"acos(x)", "Inverse cosine, in radians", unary<varve::acos>},
    {"atan(x)", "Inverse tangent, in radians", unary<varve::atan>},
    {"sinh(x)", "Hyperbolic sine", unary<varve::sinh>},
    {"cosh(x)", "Hyperbolic cosine", unary<varve::cosh>},
    {"tanh(x)", "Hyperbolic tangent", unary<varve::tanh>},
    {"asinh(x)", "Inverse hyperbolic sine", unary<varve::asinh>},
    {"acosh(x)", "Inverse hyperbolic cosine", unary<varve::acosh>},
    {"atanh(x)", "Inverse hyperbolic tangent", unary<varve::atanh>},
    {"deg2rad(x)", "Degrees to radians", unary<varve::deg2rad>},
    {"rad2deg(x)", "Radians to degrees", unary<varve::rad2deg>},
    {"add(x1, x2)", "x1 + x2", binary<varve::add>},
    {"subtract(x1, x2)", "x1 - x2", binary<varve::subtract>},
    {"multiply(x1, x2)", "x1 * x2", binary<varve::multiply>},
    {"divide(x1, x2)", "x1 / x2 as floats", binary<varve::divide>},
    {"floor_divide(x1, x2)", "x1 // x2: the quotient rounded down", binary<varve::floor_divide>},
    {"remainder(x1, x2)", "x1 % x2: what is left of floor_divide, with the sign of x2",
     binary<varve::remainder>},
    {"fmod(x1, x2)", "What is left of a division that rounds towards zero, with the sign of x1",
     binary<varve::fmod>},
    {"pow(x1, x2)", "x1 ** x2", binary<varve::pow>},
    {"atan2(x1, x2)", "The angle of the point (x2, x1) with the first axis, in radians",
     binary<varve::atan2>},
    {"hypot(x1, x2)", "sqrt(x1 ** 2 + x2 ** 2) without overflow between", binary<varve::hypot>},
    {"copysign(x1, x2)", "The magnitude of x1 with the sign of x2", binary<varve::copysign>},
    {"logaddexp(x1, x2)", "log(exp(x1) + exp(x2)) without overflow between", binary<varve::logaddexp>},
    {"maximum(x1, x2)", "The larger of two elements; NaN if either is", binary<varve::maximum>},
    {"minimum(x1, x2)", "The smaller of two elements; NaN if either is", binary<varve::minimum>},
    {"fmax(x1, x2)", "The larger of two elements; a NaN counts as missing", binary<varve::fmax>},
    {"fmin(x1, x2)", "The smaller of two elements; a NaN counts as missing", binary<varve::fmin>},
    {"bitwise_and(x1, x2)", "x1 & x2: bits that both have", binary<varve::bitwise_and>},
    {"bitwise_or(x1, x2)", "x1 | x2: bits that either has", binary<varve::bitwise_or>},
    {"bitwise_xor(x1, x2)", "x1 ^ x2: bits that one of them has", binary<varve::bitwise_xor>},
    {"bitwise_invert(x)", "~x: all bits reversed; not, for booleans", unary<varve::bitwise_invert>},
    {"bitwise_left_shift(x1, x2)", "x1 << x2: bits moved up", binary<varve::bitwise_left_shift>},
    {"bitwise_right_shift(x1, x2)", "x1 >> x2: bits moved down, the sign kept",
     binary<varve::bitwise_right_shift>},
    {"logical_and(x1, x2)", "True where both are; numbers count as true unless zero",
     binary<varve::logical_and>},
    {"logical_or(x1, x2)", "True where either is; numbers count as true unless zero",
     binary<varve::logical_or>},
    {"logical_xor(x1, x2)", "True where one of the two is; numbers count as true unless zero",
     binary<varve::logical_xor>},
    {"logical_not(x)", "True where x is false or zero", unary<varve::logical_not>},
    {"equal(x1, x2)", "x1 == x2", binary<varve::equal>},
    {"not_equal(x1, x2)", "x1 != x2", binary<varve::not_equal>},
    {"less(x1, x2)", "x1 < x2", binary<varve::less>},
    {"less_equal(x1, x2)", "x1 <= x2", binary<varve::less_equal>},
    {"greater(x1, x2)", "x1 > x2", binary<varve::greater>},
    {"greater_equal(x1, x2)", "x1 >= x2", binary<varve::greater_equal>},
    {"isnan(x)", "True where an element is NaN", unary<varve::isnan>},
    {"isinf(x)", "True where an element is infinite", unary<varve::isinf>},
    {"isfinite(x)", "True where an element is neither infinite nor NaN", unary<varve::isfinite>},
    {"signbit(x)", "True where the sign bit is set, of -0.0 too", unary<varve::signbit>},
    {"where(condition, x1, x2)", "x1 where the condition is true, x2 elsewhere",
     [](const Arguments& a) -> Value {
       return {where(a.operand("condition"), a.operand("x1"), a.operand("x2"))};
     }},
    {"clip(x, min|a_min=None, max|a_max=None)", "Elements below min become min, those above max become max",
     clipped},
    {"isclose(x1, x2, rtol=1e-05, atol=1e-08, equal_nan=False)", "True where |x1 - x2| <= atol + rtol * |x2|",
     close},
    {"nan_to_num(x, ~copy=True, nan=0.0, posinf=None, neginf=None)",
     "NaN and infinite elements replaced by numbers", without_nan},
};

}  // namespace

std::span<const Function> elementwise_functions() noexcept { return kFunctions; }

}  // namespace varve::cli
