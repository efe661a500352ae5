#include "varve/elementwise.hpp"

#include <cmath>
#include <cstdlib>

#include "api/apply.hpp"
#include "api/operand.hpp"
#include "ops/complex_parts.hpp"

namespace varve {

using api::apply;
using Op = kernels::ElementwiseOp;

Array abs(const Operand& x) { return apply(Op::abs, x); }
Array positive(const Operand& x) { return apply(Op::positive, x); }
Array negative(const Operand& x) { return apply(Op::negative, x); }
Array sign(const Operand& x) { return apply(Op::sign, x); }
Array square(const Operand& x) { return apply(Op::square, x); }
Array reciprocal(const Operand& x) { return apply(Op::reciprocal, x); }
Array conj(const Operand& x) { return apply(Op::conj, x); }
Array real(const Operand& x) { return apply(Op::real, x); }
Array imag(const Operand& x) { return apply(Op::imag, x); }
Array floor(const Operand& x) { return apply(Op::floor, x); }
Array ceil(const Operand& x) { return apply(Op::ceil, x); }
Array trunc(const Operand& x) { return apply(Op::trunc, x); }
Array round(const Operand& x) { return apply(Op::round, x); }
Array sqrt(const Operand& x) { return apply(Op::sqrt, x); }
Array cbrt(const Operand& x) { return apply(Op::cbrt, x); }
Array exp(const Operand& x) { return apply(Op::exp, x); }
Array exp2(const Operand& x) { return apply(Op::exp2, x); }
Array expm1(const Operand& x) { return apply(Op::expm1, x); }
Array log(const Operand& x) { return apply(Op::log, x); }
Array log1p(const Operand& x) { return apply(Op::log1p, x); }
Array log2(const Operand& x) { return apply(Op::log2, x); }
Array log10(const Operand& x) { return apply(Op::log10, x); }
Array sin(const Operand& x) { return apply(Op::sin, x); }
Array cos(const Operand& x) { return apply(Op::cos, x); }
Array tan(const Operand& x) { return apply(Op::tan, x); }
Array asin(const Operand& x) { return apply(Op::asin, x); }
Array acos(const Operand& x) { return apply(Op::acos, x); }
Array atan(const Operand& x) { return apply(Op::atan, x); }
Array sinh(const Operand& x) { return apply(Op::sinh, x); }
Array cosh(const Operand& x) { return apply(Op::cosh, x); }
Array tanh(const Operand& x) { return apply(Op::tanh, x); }
Array asinh(const Operand& x) { return apply(Op::asinh, x); }
Array acosh(const Operand& x) { return apply(Op::acosh, x); }
Array atanh(const Operand& x) { return apply(Op::atanh, x); }
Array deg2rad(const Operand& x) { return apply(Op::deg2rad, x); }
Array rad2deg(const Operand& x) { return apply(Op::rad2deg, x); }
Array add(const Operand& x1, const Operand& x2) { return apply(Op::add, x1, x2); }
Array subtract(const Operand& x1, const Operand& x2) { return apply(Op::subtract, x1, x2); }
Array multiply(const Operand& x1, const Operand& x2) { return apply(Op::multiply, x1, x2); }
Array divide(const Operand& x1, const Operand& x2) { return apply(Op::divide, x1, x2); }
Array floor_divide(const Operand& x1, const Operand& x2) { return apply(Op::floor_divide, x1, x2); }
Array remainder(const Operand& x1, const Operand& x2) { return apply(Op::remainder, x1, x2); }
Array fmod(const Operand& x1, const Operand& x2) { return apply(Op::fmod, x1, x2); }
Array pow(const Operand& x1, const Operand& x2) { return apply(Op::pow, x1, x2); }
Array atan2(const Operand& x1, const Operand& x2) { return apply(Op::atan2, x1, x2); }
Array hypot(const Operand& x1, const Operand& x2) { return apply(Op::hypot, x1, x2); }
Array copysign(const Operand& x1, const Operand& x2) { return apply(Op::copysign, x1, x2); }
Array logaddexp(const Operand& x1, const Operand& x2) { return apply(Op::logaddexp, x1, x2); }
Array maximum(const Operand& x1, const Operand& x2) { return apply(Op::maximum, x1, x2); }
Array minimum(const Operand& x1, const Operand& x2) { return apply(Op::minimum, x1, x2); }
Array fmax(const Operand& x1, const Operand& x2) { return apply(Op::fmax, x1, x2); }
Array fmin(const Operand& x1, const Operand& x2) { return apply(Op::fmin, x1, x2); }
Array bitwise_and(const Operand& x1, const Operand& x2) { return apply(Op::bitwise_and, x1, x2); }
Array bitwise_or(const Operand& x1, const Operand& x2) { return apply(Op::bitwise_or, x1, x2); }
Array bitwise_xor(const Operand& x1, const Operand& x2) { return apply(Op::bitwise_xor, x1, x2); }
Array bitwise_invert(const Operand& x) { return apply(Op::bitwise_invert, x); }
Array bitwise_left_shift(const Operand& x1, const Operand& x2) {
  return apply(Op::bitwise_left_shift, x1, x2);
}
Array bitwise_right_shift(const Operand& x1, const Operand& x2) {
  return apply(Op::bitwise_right_shift, x1, x2);
}
Array logical_and(const Operand& x1, const Operand& x2) { return apply(Op::logical_and, x1, x2); }
Array logical_or(const Operand& x1, const Operand& x2) { return apply(Op::logical_or, x1, x2); }
Array logical_xor(const Operand& x1, const Operand& x2) { return apply(Op::logical_xor, x1, x2); }
Array logical_not(const Operand& x) { return apply(Op::logical_not, x); }
Array equal(const Operand& x1, const Operand& x2) { return apply(Op::equal, x1, x2); }
Array not_equal(const Operand& x1, const Operand& x2) { return apply(Op::not_equal, x1, x2); }
Array less(const Operand& x1, const Operand& x2) { return apply(Op::less, x1, x2); }
Array less_equal(const Operand& x1, const Operand& x2) { return apply(Op::less_equal, x1, x2); }
Array greater(const Operand& x1, const Operand& x2) { return apply(Op::greater, x1, x2); }
Array greater_equal(const Operand& x1, const Operand& x2) { return apply(Op::greater_equal, x1, x2); }
Array isnan(const Operand& x) { return apply(Op::isnan, x); }
Array isinf(const Operand& x) { return apply(Op::isinf, x); }
Array isfinite(const Operand& x) { return apply(Op::isfinite, x); }
Array signbit(const Operand& x) { return apply(Op::signbit, x); }

Array astype(const Array& x, DType dtype) { return Array(expr::make_cast(x.node(), dtype)); }

Array round(const Operand& x, std::int64_t decimals) {
  constexpr std::int64_t kMost = 308;  // beyond, the power of ten is no float64
  if (decimals < -kMost || decimals > kMost) {
    throw ArgumentError("round: decimals must lie in [-308, 308], got " + std::to_string(decimals));
  }
  const Array values(api::node_of(x));
  // Part by part: a product of complex numbers would make NaN of an infinite part's neighbour.
  if (decimals != 0 && is_complex(values.dtype())) {
    return Array(ops::complex_of(round(real(values), decimals).node(), round(imag(values), decimals).node()));
  }
  const bool has_fraction = is_floating(values.dtype()) || is_complex(values.dtype());
  if (decimals == 0 || (decimals > 0 && !has_fraction)) return round(values);
  // Powers of ten up to 10^22 are exact; a division by one rounds once, a product with its inverse would
  // round twice.
  const double scale = std::pow(10.0, static_cast<double>(std::abs(decimals)));
  const Array rounded = decimals > 0 ? divide(round(multiply(values, scale)), scale)
                                     : multiply(round(divide(values, scale)), scale);
  return has_fraction ? rounded : astype(rounded, values.dtype());
}

}  // namespace varve
