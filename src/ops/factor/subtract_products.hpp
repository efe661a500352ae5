#pragma once

#include <utility>
#include <vector>

#include "expr/node.hpp"

namespace varve::ops {

/// Subtracts products of matrices of float64 from `base` (m, n): pairs of (m, k) and (k, n), one after the
/// other.
[[nodiscard]] expr::NodePtr subtract_products(
    const expr::NodePtr& base, const std::vector<std::pair<expr::NodePtr, expr::NodePtr>>& products);

}  // namespace varve::ops
