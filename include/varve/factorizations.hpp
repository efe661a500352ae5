#pragma once

#include "varve/array.hpp"
#include "varve/core/singular_matrix_error.hpp"

namespace varve {

// Factorisations of matrices, which need not fit in memory, and equations solved by them.
//
// Dtype:   float32 and float64; integers and bool become float64. All is computed in float64.
// Errors:  ShapeError if an array has another number of axes or extents that do not fit; DTypeError for
//          complex numbers and float16.

struct QrResult {
  Array q;
  Array r;
};

/// Factors x (m, n), m >= n, into Q (m, n) with orthonormal columns and R (n, n), upper triangular, with the
/// signs that LAPACK gives.
///
/// Chunks:  Q in blocks of rows, at least four times taller than wide; R whole.
/// Memory:  per thread, such a block twice; nine triangles per node of the tree.
/// I/O:     R reads x once, Q twice more; the triangles of blocks and their Q go to memory or scratch.
QrResult qr(const Array& x);

/// Finds the x (n,) or (n, k) for which a x is nearest to b (m,) or (m, k), m >= n.
///
/// Memory:  as for R of `qr`, of n + k columns.
/// I/O:     reads a and b once.
/// Errors:  SingularMatrixError while running if a column of a depends on those before it.
Array lstsq(const Array& a, const Array& b);

/// Factors a symmetric positive definite matrix x (n, n) into L L^T, L being lower triangular. Only the lower
/// triangle of x is read.
///
/// Chunks:  panels of columns.
/// Memory:  a square as wide as a panel (a 32nd of n, at least 256), and what `matmul` of panels takes.
/// I/O:     reads each panel once, and the panels before it once for each; panels go to memory or scratch.
/// Errors:  SingularMatrixError while running if x is not positive definite.
Array cholesky(const Array& x);

/// Solves a x = b, a being (n, n) and b (n,) or (n, k), by elimination with partial pivoting.
///
/// Chunks:  x in blocks of whole columns of about 4 MiB.
/// Memory:  three panels of columns (a 64th of n, from 32 to 256), and such a block of b.
/// I/O:     reads a once, each panel once for each that follows and once more; panels go to memory or
///          scratch.
/// Errors:  SingularMatrixError while running if a is singular.
Array solve(const Array& a, const Array& b);

}  // namespace varve
