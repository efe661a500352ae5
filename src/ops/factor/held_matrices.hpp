#pragma once

#include "expr/node.hpp"

namespace varve::ops {

// Factorisations of stacks of matrices, of float64 or complex128, along the last two axes. Each matrix is
// held whole, and worked on by one thread. No extent is 0. Errors while running: SingularMatrixError, which
// names the matrix.

/// Returns R (..., min(m, n), n), or as many rows as a has if `complete`.
[[nodiscard]] expr::NodePtr held_triangle(const expr::NodePtr& a, bool complete);
/// Returns Q (..., m, min(m, n)), or square if `complete`. Signs are LAPACK's.
[[nodiscard]] expr::NodePtr held_orthogonal(const expr::NodePtr& a, bool complete);

/// Returns L of a = L L^H, of which the lower triangle is read.
[[nodiscard]] expr::NodePtr held_cholesky(const expr::NodePtr& a);

/// Solves a x = b: (..., n, n) and (..., n, k). The axes before the last two broadcast.
[[nodiscard]] expr::NodePtr held_solve(const expr::NodePtr& a, const expr::NodePtr& b);

}  // namespace varve::ops
