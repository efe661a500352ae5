#include "ops/elementwise_table.hpp"

#include <iterator>
#include <string>

#include "varve/core/domain_error.hpp"

namespace varve::ops {
namespace {

using Op = kernels::ElementwiseOp;
using enum DTypeRule;
constexpr bool kCheap = true;
constexpr bool kCostly = false;

// In the order of the enumeration, so that a row is found by its position.
constexpr ElementwiseRow kRows[] = {
    {Op::positive, "positive", 1, keep, kCheap},
    {Op::negative, "negative", 1, keep, kCheap},
    {Op::abs, "abs", 1, magnitude, kCheap},
    {Op::sign, "sign", 1, keep, kCheap},
    {Op::square, "square", 1, keep, kCheap},
    {Op::reciprocal, "reciprocal", 1, floating, kCheap},
    {Op::conj, "conj", 1, keep, kCheap},
    {Op::floor, "floor", 1, keep, kCheap},
    {Op::ceil, "ceil", 1, keep, kCheap},
    {Op::trunc, "trunc", 1, keep, kCheap},
    {Op::round, "round", 1, keep, kCheap},
    {Op::sqrt, "sqrt", 1, floating, kCheap},
    {Op::cbrt, "cbrt", 1, floating, kCostly},
    {Op::exp, "exp", 1, floating, kCostly},
    {Op::exp2, "exp2", 1, floating, kCostly},
    {Op::expm1, "expm1", 1, floating, kCostly},
    {Op::log, "log", 1, floating, kCostly},
    {Op::log1p, "log1p", 1, floating, kCostly},
    {Op::log2, "log2", 1, floating, kCostly},
    {Op::log10, "log10", 1, floating, kCostly},
    {Op::sin, "sin", 1, floating, kCostly},
    {Op::cos, "cos", 1, floating, kCostly},
    {Op::tan, "tan", 1, floating, kCostly},
    {Op::asin, "asin", 1, floating, kCostly},
    {Op::acos, "acos", 1, floating, kCostly},
    {Op::atan, "atan", 1, floating, kCostly},
    {Op::sinh, "sinh", 1, floating, kCostly},
    {Op::cosh, "cosh", 1, floating, kCostly},
    {Op::tanh, "tanh", 1, floating, kCostly},
    {Op::asinh, "asinh", 1, floating, kCostly},
    {Op::acosh, "acosh", 1, floating, kCostly},
    {Op::atanh, "atanh", 1, floating, kCostly},
    {Op::deg2rad, "deg2rad", 1, floating, kCheap},
    {Op::rad2deg, "rad2deg", 1, floating, kCheap},
    {Op::bitwise_invert, "bitwise_invert", 1, keep, kCheap},
    {Op::logical_not, "logical_not", 1, predicate, kCheap},
    {Op::isnan, "isnan", 1, predicate, kCheap},
    {Op::isinf, "isinf", 1, predicate, kCheap},
    {Op::isfinite, "isfinite", 1, predicate, kCheap},
    {Op::signbit, "signbit", 1, predicate, kCheap},
    {Op::real, "real", 1, magnitude, kCheap},
    {Op::imag, "imag", 1, magnitude, kCheap},
    {Op::add, "add", 2, keep, kCheap},
    {Op::subtract, "subtract", 2, keep, kCheap},
    {Op::multiply, "multiply", 2, keep, kCheap},
    {Op::divide, "divide", 2, floating, kCheap},
    {Op::floor_divide, "floor_divide", 2, keep, kCheap},
    {Op::remainder, "remainder", 2, keep, kCheap},
    {Op::fmod, "fmod", 2, keep, kCheap},
    {Op::pow, "pow", 2, keep, kCostly},
    {Op::atan2, "atan2", 2, floating, kCostly},
    {Op::hypot, "hypot", 2, floating, kCheap},
    {Op::copysign, "copysign", 2, floating, kCheap},
    {Op::logaddexp, "logaddexp", 2, floating, kCostly},
    {Op::maximum, "maximum", 2, keep, kCheap},
    {Op::minimum, "minimum", 2, keep, kCheap},
    {Op::fmax, "fmax", 2, keep, kCheap},
    {Op::fmin, "fmin", 2, keep, kCheap},
    {Op::bitwise_and, "bitwise_and", 2, keep, kCheap},
    {Op::bitwise_or, "bitwise_or", 2, keep, kCheap},
    {Op::bitwise_xor, "bitwise_xor", 2, keep, kCheap},
    {Op::bitwise_left_shift, "bitwise_left_shift", 2, keep, kCheap},
    {Op::bitwise_right_shift, "bitwise_right_shift", 2, keep, kCheap},
    {Op::logical_and, "logical_and", 2, predicate, kCheap},
    {Op::logical_or, "logical_or", 2, predicate, kCheap},
    {Op::logical_xor, "logical_xor", 2, predicate, kCheap},
    {Op::equal, "equal", 2, predicate, kCheap},
    {Op::not_equal, "not_equal", 2, predicate, kCheap},
    {Op::less, "less", 2, predicate, kCheap},
    {Op::less_equal, "less_equal", 2, predicate, kCheap},
    {Op::greater, "greater", 2, predicate, kCheap},
    {Op::greater_equal, "greater_equal", 2, predicate, kCheap},
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

const ElementwiseRow& elementwise_row(kernels::ElementwiseOp op) noexcept {
  return kRows[static_cast<int>(op)];
}

void refuse_operands(kernels::ElementwiseOp op) {
  throw DomainError(std::string(elementwise_row(op).name) +
                    ": integers have no negative powers, and an exponent is negative; cast the base to a "
                    "floating dtype with astype first");
}

}  // namespace varve::ops
