#include "ops/elementwise_cases.hpp"

#include "varve/elementwise.hpp"

namespace varve::test {
namespace {

using Operands = std::vector<Operand>;

#define VARVE_CALL1(function) #function, 1, [](const Operands& x) { return varve::function(x[0]); }
#define VARVE_CALL2(function) #function, 2, [](const Operands& x) { return varve::function(x[0], x[1]); }

// Domains. Adversarial where the reference has an answer for NaN, infinities and extremes.
const Domain kAny{.low = -100, .high = 100, .specials = true};
const Domain kSmall{.low = -3, .high = 3};
const Domain kUnit{.low = -1, .high = 1, .specials = true};
const Domain kAboveOne{.low = 1, .high = 50, .specials = true};
const Domain kExponent{.low = 0, .high = 5};
const Domain kShift{.low = 0, .high = 7};
const Domain kDivisor{.low = -9, .high = 9, .specials = true};
const Domain kModerate{.low = -30, .high = 30, .specials = true};
// One unit for results that are nearly correctly rounded, four for the rest of the vector mathematics.
constexpr double kExact = 0;
constexpr double kClose = 1;
constexpr double kMath = 4;

const std::vector<ElementwiseCase>& rows() {
  static const std::vector<ElementwiseCase> table = {
      {VARVE_CALL1(abs), "biufc", {kAny}, kExact, 2},
      {VARVE_CALL1(positive), "iufc", {kAny}, kExact, 0},
      {VARVE_CALL1(negative), "iufc", {kAny}, kExact, 0},
      {VARVE_CALL1(sign), "iufc", {kAny}, kExact},
      {VARVE_CALL1(square), "iufc", {kAny}, kExact},
      {VARVE_CALL1(reciprocal), "biufc", {kAny}, kExact},
      {VARVE_CALL1(conj), "biufc", {kAny}, kExact, 0},
      {VARVE_CALL1(real), "biufc", {kAny}, kExact, 0},
      {VARVE_CALL1(imag), "biufc", {kAny}, kExact, 0},
      {VARVE_CALL1(floor), "biuf", {kAny}, kExact},
      {VARVE_CALL1(ceil), "biuf", {kAny}, kExact},
      {VARVE_CALL1(trunc), "biuf", {kAny}, kExact},
      {VARVE_CALL1(round), "biufc", {kAny}, kExact, 0},
      {VARVE_CALL1(sqrt), "biufc", {kAny}, kExact},
      {VARVE_CALL1(cbrt), "biuf", {kAny}, kMath},
      {VARVE_CALL1(exp), "biufc", {kModerate}, kMath},
      // Complex: the product with log 2 is rounded before it becomes a phase of up to 20.
      {VARVE_CALL1(exp2), "biufc", {kModerate}, kMath, 64},
      {VARVE_CALL1(expm1), "biufc", {kModerate}, kMath},
      {VARVE_CALL1(log), "biufc", {kAny}, kMath},
      {VARVE_CALL1(log1p), "biufc", {kAny}, kMath},
      {VARVE_CALL1(log2), "biufc", {kAny}, kMath},
      {VARVE_CALL1(log10), "biufc", {kAny}, kMath},
      {VARVE_CALL1(sin), "biufc", {kModerate}, kMath},
      {VARVE_CALL1(cos), "biufc", {kModerate}, kMath},
      {VARVE_CALL1(tan), "biufc", {kModerate}, kMath},
      {VARVE_CALL1(asin), "biufc", {kUnit}, kMath},
      {VARVE_CALL1(acos), "biufc", {kUnit}, kMath},
      {VARVE_CALL1(atan), "biufc", {kAny}, kMath},
      {VARVE_CALL1(sinh), "biufc", {kModerate}, kMath},
      {VARVE_CALL1(cosh), "biufc", {kModerate}, kMath},
      {VARVE_CALL1(tanh), "biufc", {kModerate}, kMath},
      {VARVE_CALL1(asinh), "biufc", {kAny}, kMath},
      {VARVE_CALL1(acosh), "biufc", {kAboveOne}, kMath},
      {VARVE_CALL1(atanh), "biufc", {kUnit}, kMath},
      {VARVE_CALL1(deg2rad), "biuf", {kAny}, kClose},
      {VARVE_CALL1(rad2deg), "biuf", {kAny}, kClose},
      {VARVE_CALL2(add), "biufc", {kAny}, kExact, 0},
      {VARVE_CALL2(subtract), "iufc", {kAny}, kExact, 0},
      {VARVE_CALL2(multiply), "biufc", {kAny}, kExact},
      {VARVE_CALL2(divide), "biufc", {kAny, kDivisor}, kExact},
      {VARVE_CALL2(floor_divide), "iuf", {kAny, kDivisor}, kExact},
      {VARVE_CALL2(remainder), "iuf", {kAny, kDivisor}, kExact},
      {VARVE_CALL2(fmod), "iuf", {kAny, kDivisor}, kExact},
      {VARVE_CALL2(pow), "iufc", {kSmall, kExponent}, kMath, 32},
      {VARVE_CALL2(atan2), "biuf", {kAny}, kMath},
      {VARVE_CALL2(hypot), "biuf", {kAny}, kMath},
      {VARVE_CALL2(copysign), "biuf", {kAny}, kExact},
      {VARVE_CALL2(logaddexp), "biuf", {kModerate}, kMath},
      {VARVE_CALL2(maximum), "biuf", {kAny}, kExact},
      {VARVE_CALL2(minimum), "biuf", {kAny}, kExact},
      {VARVE_CALL2(fmax), "biuf", {kAny}, kExact},
      {VARVE_CALL2(fmin), "biuf", {kAny}, kExact},
      {VARVE_CALL2(bitwise_and), "biu", {kAny}, kExact},
      {VARVE_CALL2(bitwise_or), "biu", {kAny}, kExact},
      {VARVE_CALL2(bitwise_xor), "biu", {kAny}, kExact},
      {VARVE_CALL1(bitwise_invert), "biu", {kAny}, kExact},
      {VARVE_CALL2(bitwise_left_shift), "iu", {kAny, kShift}, kExact},
      {VARVE_CALL2(bitwise_right_shift), "iu", {kAny, kShift}, kExact},
      {VARVE_CALL2(logical_and), "biufc", {kAny}, kExact},
      {VARVE_CALL2(logical_or), "biufc", {kAny}, kExact},
      {VARVE_CALL2(logical_xor), "biufc", {kAny}, kExact},
      {VARVE_CALL1(logical_not), "biufc", {kAny}, kExact},
      {VARVE_CALL2(equal), "biufc", {kSmall}, kExact},
      {VARVE_CALL2(not_equal), "biufc", {kSmall}, kExact},
      {VARVE_CALL2(less), "biuf", {kAny}, kExact},
      {VARVE_CALL2(less_equal), "biuf", {kAny}, kExact},
      {VARVE_CALL2(greater), "biuf", {kAny}, kExact},
      {VARVE_CALL2(greater_equal), "biuf", {kAny}, kExact},
      {VARVE_CALL1(isnan), "biufc", {kAny}, kExact},
      {VARVE_CALL1(isinf), "biufc", {kAny}, kExact},
      {VARVE_CALL1(isfinite), "biufc", {kAny}, kExact},
      {VARVE_CALL1(signbit), "biuf", {kAny}, kExact},
  };
  return table;
}

}  // namespace

std::span<const ElementwiseCase> elementwise_cases() { return rows(); }

char kind_letter(DType dtype) { return "biufc"[static_cast<int>(kind_of(dtype))]; }

const Domain& domain_of(const ElementwiseCase& row, std::size_t operand) {
  return row.domains[std::min(operand, row.domains.size() - 1)];
}

}  // namespace varve::test
