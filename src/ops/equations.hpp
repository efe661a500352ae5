#pragma once

#include "expr/node.hpp"

namespace varve::ops {

// Matrices of float64. Errors while running: SingularMatrixError.

/// Returns the lower triangle L of a = L L^T, panel by panel: each is what remains of the columns of a when the products of the
/// panels before it are taken off.
[[nodiscard]] expr::NodePtr cholesky(const expr::NodePtr& a);

/// Solves a x = b, both whole in memory.
[[nodiscard]] expr::NodePtr solve(const expr::NodePtr& a, const expr::NodePtr& b);

}  // namespace varve::ops
