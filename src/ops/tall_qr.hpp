#pragma once

#include "expr/node.hpp"

namespace varve::ops {

// Direct TSQR (Benson, Gleich and Demmel, 2013) of matrices of float64: each block of rows is factored on its
// own, the stacked triangles are factored in a tree of fixed shape, and Q is made by factoring each block
// once more.

struct TallQr {
  expr::NodePtr q;  ///< (m, n)
  expr::NodePtr r;  ///< (n, n), zero below the diagonal
};

/// Factors a matrix of at least as many rows as columns. Signs are those of LAPACK.
[[nodiscard]] TallQr tall_qr(const expr::NodePtr& a);

/// Returns the triangle alone, rows of which may have either sign. A matrix of fewer rows than columns gives
/// zero rows.
[[nodiscard]] expr::NodePtr tall_triangle(const expr::NodePtr& a);

/// Solves R x = c, given the triangle [R c; 0 .] of a matrix (a b) of which a has `columns` columns and
/// `rows` rows. Errors while running: SingularMatrixError where a column depends on those before it.
[[nodiscard]] expr::NodePtr solve_triangle(const expr::NodePtr& triangle, std::int64_t columns,
                                           std::int64_t rows);

}  // namespace varve::ops
