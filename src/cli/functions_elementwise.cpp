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
    {"astype(x, dtype)",
     [](const Arguments& a) -> Value { return {astype(a.array("x"), a.dtype("dtype"))}; }},
    {"abs(x)", unary<varve::abs>},
    {"positive(x)", unary<varve::positive>},
    {"negative(x)", unary<varve::negative>},
    {"sign(x)", unary<varve::sign>},
    {"square(x)", unary<varve::square>},
    {"reciprocal(x)", unary<varve::reciprocal>},
    {"conj(x)", unary<varve::conj>},
    {"real(x)", unary<varve::real>},
    {"imag(x)", unary<varve::imag>},
    {"floor(x)", unary<varve::floor>},
    {"ceil(x)", unary<varve::ceil>},
    {"trunc(x)", unary<varve::trunc>},
    {"round(x, decimals=0)",
     [](const Arguments& a) -> Value { return {round(a.operand("x"), a.integer("decimals"))}; }},
    {"sqrt(x)", unary<varve::sqrt>},
    {"cbrt(x)", unary<varve::cbrt>},
    {"exp(x)", unary<varve::exp>},
    {"exp2(x)", unary<varve::exp2>},
    {"expm1(x)", unary<varve::expm1>},
    {"log(x)", unary<varve::log>},
    {"log1p(x)", unary<varve::log1p>},
    {"log2(x)", unary<varve::log2>},
    {"log10(x)", unary<varve::log10>},
    {"sin(x)", unary<varve::sin>},
    {"cos(x)", unary<varve::cos>},
    {"tan(x)", unary<varve::tan>},
    {"asin(x)", unary<varve::asin>},
    {"acos(x)", unary<varve::acos>},
    {"atan(x)", unary<varve::atan>},
    {"sinh(x)", unary<varve::sinh>},
    {"cosh(x)", unary<varve::cosh>},
    {"tanh(x)", unary<varve::tanh>},
    {"asinh(x)", unary<varve::asinh>},
    {"acosh(x)", unary<varve::acosh>},
    {"atanh(x)", unary<varve::atanh>},
    {"deg2rad(x)", unary<varve::deg2rad>},
    {"rad2deg(x)", unary<varve::rad2deg>},
    {"add(x1, x2)", binary<varve::add>},
    {"subtract(x1, x2)", binary<varve::subtract>},
    {"multiply(x1, x2)", binary<varve::multiply>},
    {"divide(x1, x2)", binary<varve::divide>},
    {"floor_divide(x1, x2)", binary<varve::floor_divide>},
    {"remainder(x1, x2)", binary<varve::remainder>},
    {"fmod(x1, x2)", binary<varve::fmod>},
    {"pow(x1, x2)", binary<varve::pow>},
    {"atan2(x1, x2)", binary<varve::atan2>},
    {"hypot(x1, x2)", binary<varve::hypot>},
    {"copysign(x1, x2)", binary<varve::copysign>},
    {"logaddexp(x1, x2)", binary<varve::logaddexp>},
    {"maximum(x1, x2)", binary<varve::maximum>},
    {"minimum(x1, x2)", binary<varve::minimum>},
    {"fmax(x1, x2)", binary<varve::fmax>},
    {"fmin(x1, x2)", binary<varve::fmin>},
    {"bitwise_and(x1, x2)", binary<varve::bitwise_and>},
    {"bitwise_or(x1, x2)", binary<varve::bitwise_or>},
    {"bitwise_xor(x1, x2)", binary<varve::bitwise_xor>},
    {"bitwise_invert(x)", unary<varve::bitwise_invert>},
    {"bitwise_left_shift(x1, x2)", binary<varve::bitwise_left_shift>},
    {"bitwise_right_shift(x1, x2)", binary<varve::bitwise_right_shift>},
    {"logical_and(x1, x2)", binary<varve::logical_and>},
    {"logical_or(x1, x2)", binary<varve::logical_or>},
    {"logical_xor(x1, x2)", binary<varve::logical_xor>},
    {"logical_not(x)", unary<varve::logical_not>},
    {"equal(x1, x2)", binary<varve::equal>},
    {"not_equal(x1, x2)", binary<varve::not_equal>},
    {"less(x1, x2)", binary<varve::less>},
    {"less_equal(x1, x2)", binary<varve::less_equal>},
    {"greater(x1, x2)", binary<varve::greater>},
    {"greater_equal(x1, x2)", binary<varve::greater_equal>},
    {"isnan(x)", unary<varve::isnan>},
    {"isinf(x)", unary<varve::isinf>},
    {"isfinite(x)", unary<varve::isfinite>},
    {"signbit(x)", unary<varve::signbit>},
    {"where(condition, x1, x2)",
     [](const Arguments& a) -> Value {
       return {where(a.operand("condition"), a.operand("x1"), a.operand("x2"))};
     }},
    {"clip(x, min|a_min=None, max|a_max=None)", clipped},
    {"isclose(x1, x2, rtol=1e-05, atol=1e-08, equal_nan=False)", close},
    {"nan_to_num(x, nan=0.0, posinf=None, neginf=None)", without_nan},
};

}  // namespace

std::span<const Function> elementwise_functions() noexcept { return kFunctions; }

}  // namespace varve::cli
