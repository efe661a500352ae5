#include "api/operand.hpp"
#include "varve/elementwise.hpp"

// Functions of real analysis: integers and bool are computed in float64.
namespace varve {

using api::apply;
using Op = kernels::ElementwiseOp;

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

Array atan2(const Operand& x1, const Operand& x2) { return apply(Op::atan2, x1, x2); }
Array hypot(const Operand& x1, const Operand& x2) { return apply(Op::hypot, x1, x2); }
Array logaddexp(const Operand& x1, const Operand& x2) { return apply(Op::logaddexp, x1, x2); }

}  // namespace varve
