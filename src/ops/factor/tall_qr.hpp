#pragma once

#include "expr/node.hpp"

namespace varve::ops {

// Direct TSQR (Benson, Gleich and Demmel, 2013) of matrices of float64: each block of rows is factored on its
// own, the stacked triangles are factored in a tree of fixed shape, and Q is made by factoring each block
// once more.

/// The factors of a matrix.
struct QrNodes {
  expr::NodePtr q;
  expr::NodePtr r;  ///< zero below the diagonal
};

/// Factors a matrix (m, n) of at least as many rows as columns: Q (m, n), R (n, n). Signs are those of
/// LAPACK.
[[nodiscard]] QrNodes tall_qr(const expr::NodePtr& a);

/// Returns 1 or -1 for each column of a matrix of float64 or complex128 with orthonormal columns, by which it
/// gets the signs of LAPACK's Householder reflectors.
[[nodiscard]] expr::NodePtr qr_signs(const expr::NodePtr& q);

/// Finds the x (n, k) for which a x is nearest to b, a being (m, n) with m >= n, and b (m, k). Right-hand
/// sides are taken some at a time, at least as many as a has columns. Errors while running:
/// SingularMatrixError where a column of a depends on those before it.
[[nodiscard]] expr::NodePtr least_squares(const expr::NodePtr& a, const expr::NodePtr& b);

}  // namespace varve::ops
