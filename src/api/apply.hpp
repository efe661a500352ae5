#pragma once

#include "kernels/elementwise.hpp"
#include "varve/array.hpp"

namespace varve::api {

// The elementwise functions of one and of two operands, by their operation: what the public functions of
// these names give. Beyond the kernel's own dtypes they know what needs no kernel (the floor of an integer),
// and comparisons of integers are exact.
//
// Errors: ShapeError, DTypeError.

[[nodiscard]] Array apply(kernels::ElementwiseOp op, const Operand& x);
[[nodiscard]] Array apply(kernels::ElementwiseOp op, const Operand& x1, const Operand& x2);

}  // namespace varve::api
