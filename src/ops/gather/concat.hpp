#pragma once

#include "expr/node.hpp"

namespace varve::ops {

// Builders of nodes that put pieces of their inputs together. They trust their arguments: dtypes and shapes
// agree.

/// Joins arrays one after the other along an existing axis. Natural chunks: those of the largest input.
[[nodiscard]] expr::NodePtr concat(const std::vector<expr::NodePtr>& inputs, std::int64_t axis);

}  // namespace varve::ops
