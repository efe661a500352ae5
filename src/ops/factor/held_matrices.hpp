#pragma once

#include "ops/factor/tall_qr.hpp"

namespace varve::ops {

// Factorisations of stacks of matrices, of float64 or complex128, along the last two axes. Each matrix is
// held whole, and worked on by one thread. No extent is 0. Errors while running: SingularMatrixError, which
// names the matrix.

/// Returns Q (..., m, min(m, n)), or square if `complete`, and R, which has as many rows as Q has columns,
/// made at one time if both are wanted. Signs are LAPACK's.
[[nodiscard]] QrNodes held_qr(const expr::NodePtr& a, bool complete);

/// Returns L of a = L L^H, of which the lower triangle is read.
[[nodiscard]] expr::NodePtr held_cholesky(const expr::NodePtr& a);

/// Solves a x = b: (..., n, n) and (..., n, k). The axes before the last two broadcast.
[[nodiscard]] expr::NodePtr held_solve(const expr::NodePtr& a, const expr::NodePtr& b);

}  // namespace varve::ops
