#include "varve/elementwise.hpp"

#include <cmath>
#include <cstdlib>

#include "api/apply.hpp"
#include "api/operand.hpp"
#include "ops/complex_parts.hpp"

namespace varve {

using api::apply;
using Op = kernels::ElementwiseOp;

// A function and its operation have one name.
#define VARVE_UNARY(name) \
  Array name(const Operand& x) { return apply(Op::name, x); }
#define VARVE_BINARY(name) \
  Array name(const Operand& x1, const Operand& x2) { return apply(Op::name, x1, x2); }

VARVE_UNARY(abs)
VARVE_UNARY(positive)
VARVE_UNARY(negative)
VARVE_UNARY(sign)
VARVE_UNARY(square)
VARVE_UNARY(reciprocal)
VARVE_UNARY(conj)
VARVE_UNARY(real)
VARVE_UNARY(imag)
VARVE_UNARY(floor)
VARVE_UNARY(ceil)
VARVE_UNARY(trunc)
VARVE_UNARY(round)
VARVE_UNARY(sqrt)
VARVE_UNARY(cbrt)
VARVE_UNARY(exp)
VARVE_UNARY(exp2)
VARVE_UNARY(expm1)
VARVE_UNARY(log)
VARVE_UNARY(log1p)
VARVE_UNARY(log2)
VARVE_UNARY(log10)
VARVE_UNARY(sin)
VARVE_UNARY(cos)
VARVE_UNARY(tan)
VARVE_UNARY(asin)
VARVE_UNARY(acos)
VARVE_UNARY(atan)
VARVE_UNARY(sinh)
VARVE_UNARY(cosh)
VARVE_UNARY(tanh)
VARVE_UNARY(asinh)
VARVE_UNARY(acosh)
VARVE_UNARY(atanh)
VARVE_UNARY(deg2rad)
VARVE_UNARY(rad2deg)
VARVE_UNARY(bitwise_invert)
VARVE_UNARY(logical_not)
VARVE_UNARY(isnan)
VARVE_UNARY(isinf)
VARVE_UNARY(isfinite)
VARVE_UNARY(signbit)

VARVE_BINARY(add)
VARVE_BINARY(subtract)
VARVE_BINARY(multiply)
VARVE_BINARY(divide)
VARVE_BINARY(floor_divide)
VARVE_BINARY(remainder)
VARVE_BINARY(fmod)
VARVE_BINARY(pow)
VARVE_BINARY(atan2)
VARVE_BINARY(hypot)
VARVE_BINARY(copysign)
VARVE_BINARY(logaddexp)
VARVE_BINARY(maximum)
VARVE_BINARY(minimum)
VARVE_BINARY(fmax)
VARVE_BINARY(fmin)
VARVE_BINARY(bitwise_and)
VARVE_BINARY(bitwise_or)
VARVE_BINARY(bitwise_xor)
VARVE_BINARY(bitwise_left_shift)
VARVE_BINARY(bitwise_right_shift)
VARVE_BINARY(logical_and)
VARVE_BINARY(logical_or)
VARVE_BINARY(logical_xor)
VARVE_BINARY(equal)
VARVE_BINARY(not_equal)
VARVE_BINARY(less)
VARVE_BINARY(less_equal)
VARVE_BINARY(greater)
VARVE_BINARY(greater_equal)

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
