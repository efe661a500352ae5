#pragma once

#include "expr/labelled_operator.hpp"
#include "kernels/elementwise.hpp"
#include "kernels/reduce.hpp"

namespace varve::ops {

/// Tells what the values of a reduction, or of an elementwise operation, are by the attributes of operands.
[[nodiscard]] expr::ValueOrigin origin_of(kernels::ReduceOp op) noexcept;
[[nodiscard]] expr::ValueOrigin origin_of(kernels::ElementwiseOp op) noexcept;

}  // namespace varve::ops
