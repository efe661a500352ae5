#pragma once

#include "expr/node.hpp"

namespace varve::expr {

/// What an operator tells, beside `BoxOperator::axis_origin`, of what its result still means: a second
/// base of those whose values or positions are those of their inputs.
class LabelledOperator {
 public:
  virtual ~LabelledOperator() = default;

  /// Tells what the values are by the attributes of an input; `other` for an input that only chooses.
  [[nodiscard]] virtual ValueOrigin value_origin(int input) const = 0;

  /// Makes the coordinate of an axis along which elements are selected or joined (`same_positions` is false)
  /// as these are, of `coordinates`: one-dimensional, of the axis of each input whence it comes, null where
  /// that has none. `inputs` are those of the operation. Null if the result has no coordinate there.
  [[nodiscard]] virtual NodePtr coordinate(std::int64_t /*axis*/, const std::vector<NodePtr>& /*inputs*/,
                                           const std::vector<NodePtr>& /*coordinates*/) const {
    return nullptr;
  }
};

}  // namespace varve::expr
