#pragma once

#include <vector>

#include "expr/node.hpp"
#include "ops/build.hpp"
#include "varve/array.hpp"

namespace varve::api {

/// Turns a public operand into an argument of the builders.
[[nodiscard]] ops::Argument argument_of(const Operand& operand);

/// Returns the node of an operand; a scalar becomes a 0-d array of its default dtype.
[[nodiscard]] expr::NodePtr node_of(const Operand& operand);

/// Builds one elementwise operation. Errors: ShapeError, DTypeError.
[[nodiscard]] Array apply(kernels::ElementwiseOp op, const Operand& x);
[[nodiscard]] Array apply(kernels::ElementwiseOp op, const Operand& x1, const Operand& x2);

/// Returns an array of that value and dtype, with the shape and the natural chunks of `like`.
[[nodiscard]] Array full_like(const expr::NodePtr& like, const Scalar& value, DType dtype);

}  // namespace varve::api
