#pragma once

#include "expr/node.hpp"

namespace varve::ops {

// Matrices of float64. Errors while running: SingularMatrixError, in whose message `parts` columns count as
// one.

/// Returns the lower triangle L of a = L L^T, panel by panel: each is what remains of the columns of a when
/// the products of the panels before it are taken off.
[[nodiscard]] expr::NodePtr cholesky(const expr::NodePtr& a, std::int64_t parts = 1);

/// Solves a x = b by elimination with partial pivoting, panel by panel: the columns of each are brought up to
/// date by the panels before it, and factored in memory. One panel and as many columns of b must fit.
[[nodiscard]] expr::NodePtr solve(const expr::NodePtr& a, const expr::NodePtr& b, std::int64_t parts = 1);

}  // namespace varve::ops
