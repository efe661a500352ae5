#pragma once

#include <optional>

#include "expr/node.hpp"

namespace varve::ops {

/// Says what becomes of the elements of a group: a reduction, or one of them.
struct GroupFunction {
  enum class Kind : std::uint8_t { reduce, count, first, last };
  Kind kind = Kind::reduce;
  kernels::ReduceOp op = kernels::ReduceOp::sum;
  double correction = 0;
};

/// Says which rows along an axis belong together.
struct Groups {
  /// Numbers the groups in the order of their labels, which gives the group of each row.
  explicit Groups(const std::vector<std::int64_t>& labels);

  std::vector<std::int64_t> labels;   ///< of the groups, ascending
  std::vector<std::int32_t> group;    ///< of each row
  std::vector<std::int64_t> earlier;  ///< rows of the same group before each row
  std::vector<std::int64_t> sizes;    ///< rows of each group
};

/// Reduces the rows of each group along an axis. Rows are taken one after the other, in order; every kept
/// element and group has an accumulator of its own, so the bits depend on nothing but the values.
[[nodiscard]] expr::NodePtr group_reduce(const expr::NodePtr& input, std::shared_ptr<const Groups> groups,
                                         std::int64_t axis, const GroupFunction& function);

/// Returns the dtype of the result for an input dtype, or nothing where the function is not defined for it.
[[nodiscard]] std::optional<DType> group_dtype(const GroupFunction& function, DType input);

}  // namespace varve::ops
