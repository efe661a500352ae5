#include <cmath>
#include <cstdlib>

#include "api/operand.hpp"
#include "ops/complex_parts.hpp"
#include "varve/core/argument_error.hpp"
#include "varve/elementwise.hpp"

namespace varve {

using api::apply;
using api::full_like;
using api::node_of;
using Op = kernels::ElementwiseOp;

namespace {

bool has_sign(DType dtype) {
  return kind_of(dtype) != DTypeKind::boolean && kind_of(dtype) != DTypeKind::unsigned_integer;
}

bool has_fraction(DType dtype) { return is_floating(dtype) || is_complex(dtype); }

// Rounding changes nothing where there is no fraction.
Array round_by(Op op, const Operand& x) {
  const expr::NodePtr node = node_of(x);
  return has_fraction(node->dtype) ? apply(op, Array(node)) : Array(node);
}

bool is_negative_integer(const Operand& operand) {
  const auto* value =
      operand.scalar() == nullptr ? nullptr : std::get_if<std::int64_t>(&operand.scalar()->value());
  return value != nullptr && *value < 0;
}

DType dtype_of_operand(const Operand& x) {
  return x.array() ? x.array()->dtype() : x.scalar()->default_dtype();
}

}  // namespace

Array astype(const Array& x, DType dtype) { return Array(expr::make_cast(x.node(), dtype)); }

Array abs(const Operand& x) {
  const expr::NodePtr node = node_of(x);
  return has_sign(node->dtype) ? apply(Op::abs, Array(node)) : Array(node);
}

Array positive(const Operand& x) {
  const expr::NodePtr node = node_of(x);
  if (node->dtype != DType::boolean) return Array(node);
  throw DTypeError("positive is not defined for bool; the array has shape " + to_string(node->shape));
}

Array negative(const Operand& x) { return apply(Op::negative, x); }
Array sign(const Operand& x) { return apply(Op::sign, x); }
Array square(const Operand& x) { return apply(Op::square, x); }
Array reciprocal(const Operand& x) { return apply(Op::reciprocal, x); }

Array conj(const Operand& x) {
  const expr::NodePtr node = node_of(x);
  return is_complex(node->dtype) ? apply(Op::conj, Array(node)) : Array(node);
}

Array real(const Operand& x) {
  const expr::NodePtr node = node_of(x);
  return is_complex(node->dtype) ? apply(Op::real, Array(node)) : Array(node);
}

Array imag(const Operand& x) {
  const expr::NodePtr node = node_of(x);
  return is_complex(node->dtype) ? apply(Op::imag, Array(node)) : full_like(node, 0, node->dtype);
}

Array floor(const Operand& x) { return round_by(Op::floor, x); }
Array ceil(const Operand& x) { return round_by(Op::ceil, x); }
Array trunc(const Operand& x) { return round_by(Op::trunc, x); }
Array round(const Operand& x) { return round_by(Op::round, x); }

Array round(const Operand& x, std::int64_t decimals) {
  constexpr std::int64_t kMost = 308;  // beyond, the power of ten is no float64
  if (decimals < -kMost || decimals > kMost) {
    throw ArgumentError("round: decimals must lie in [-308, 308], got " + std::to_string(decimals));
  }
  const Array values(node_of(x));
  // Part by part: a product of complex numbers would make NaN of an infinite part's neighbour.
  if (decimals != 0 && is_complex(values.dtype())) {
    return Array(ops::complex_of(round(real(values), decimals).node(), round(imag(values), decimals).node()));
  }
  if (decimals == 0 || (decimals > 0 && !has_fraction(values.dtype()))) return round(values);
  // Powers of ten up to 10^22 are exact; a division by one rounds once, a product with its inverse would
  // round twice.
  const double scale = std::pow(10.0, static_cast<double>(std::abs(decimals)));
  const Array rounded = decimals > 0 ? divide(round(multiply(values, scale)), scale)
                                     : multiply(round(divide(values, scale)), scale);
  return has_fraction(values.dtype()) ? rounded : astype(rounded, values.dtype());
}

Array add(const Operand& x1, const Operand& x2) { return apply(Op::add, x1, x2); }
Array subtract(const Operand& x1, const Operand& x2) { return apply(Op::subtract, x1, x2); }
Array multiply(const Operand& x1, const Operand& x2) { return apply(Op::multiply, x1, x2); }
Array divide(const Operand& x1, const Operand& x2) { return apply(Op::divide, x1, x2); }
Array floor_divide(const Operand& x1, const Operand& x2) { return apply(Op::floor_divide, x1, x2); }
Array remainder(const Operand& x1, const Operand& x2) { return apply(Op::remainder, x1, x2); }
Array fmod(const Operand& x1, const Operand& x2) { return apply(Op::fmod, x1, x2); }

Array pow(const Operand& x1, const Operand& x2) {
  if (is_negative_integer(x2) && !has_fraction(dtype_of_operand(x1))) {
    throw DTypeError(
        "pow: integers have no negative powers; cast the base to a floating dtype with astype first");
  }
  return apply(Op::pow, x1, x2);
}

Array copysign(const Operand& x1, const Operand& x2) { return apply(Op::copysign, x1, x2); }
Array maximum(const Operand& x1, const Operand& x2) { return apply(Op::maximum, x1, x2); }
Array minimum(const Operand& x1, const Operand& x2) { return apply(Op::minimum, x1, x2); }
Array fmax(const Operand& x1, const Operand& x2) { return apply(Op::fmax, x1, x2); }
Array fmin(const Operand& x1, const Operand& x2) { return apply(Op::fmin, x1, x2); }

}  // namespace varve
