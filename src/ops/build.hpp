#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "expr/node.hpp"
#include "varve/core/scalar.hpp"

namespace varve::ops {

/// An operand before promotion: an array, or a weak scalar.
using Argument = std::variant<expr::NodePtr, Scalar>;

/// Builds an elementwise node: checks the dtypes, promotes, broadcasts. Errors: ShapeError, DTypeError,
/// naming the operation and its operands.
[[nodiscard]] expr::NodePtr elementwise(kernels::ElementwiseOp op, const std::vector<Argument>& arguments);

/// Builds a reduction. `axes` absent: all. `dtype` (sum, prod): accumulate in it and return it.
struct ReduceRequest {
  std::optional<std::vector<std::int64_t>> axes = {};
  bool keepdims = false;
  double correction = 0;
  std::optional<DType> dtype = {};
};
[[nodiscard]] expr::NodePtr reduce(kernels::ReduceOp op, const expr::NodePtr& input,
                                   const ReduceRequest& request);

/// Returns the dtype that operands have together. Errors: DTypeError if a scalar does not fit.
[[nodiscard]] DType promote_arguments(const std::vector<Argument>& arguments);
/// Turns an argument into a node of that dtype.
[[nodiscard]] expr::NodePtr as_node(const Argument& argument, DType dtype);
/// Formats operands for messages: "float32 (3, 4), int64 scalar 2".
[[nodiscard]] std::string describe(const std::vector<Argument>& arguments);

}  // namespace varve::ops
