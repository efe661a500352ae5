#pragma once

#include "expr/node.hpp"
#include "ops/build.hpp"
#include "varve/array.hpp"

namespace varve::api {

/// Turns a public operand into an argument of the builders.
[[nodiscard]] ops::Argument argument_of(const Operand& operand);

/// Returns the node of an operand; a scalar becomes a 0-d array of its default dtype.
[[nodiscard]] expr::NodePtr node_of(const Operand& operand);

/// Returns the dtype of an operand, of a scalar its default.
[[nodiscard]] DType dtype_of(const Operand& operand);

}  // namespace varve::api
