#pragma once

#include "varve/array.hpp"
#include "varve/core/error.hpp"

namespace varve {

// Factorisations of matrices, and equations solved by them. A matrix lies along the last two axes; axes
// before them make a stack of matrices, each of which is worked on by itself.
//
// Dtype:   float32, float64, complex64 and complex128; integers and bool become float64. All is computed in
//          float64 or complex128.
// Memory:  one real matrix need not fit in memory, as is said below. Complex ones of more than 4 MiB (for
//          `qr`, at least four times taller than wide) are worked on as real ones of twice the extents. All
//          others, and matrices of a stack but for a few large ones, are held whole: each with its result,
//          and once more.
// Errors:  ShapeError if an array lacks axes or has extents that do not fit; DTypeError for float16.

/// The factors of `qr`.
struct QrResult {
  Array q;  ///< orthonormal columns
  Array r;  ///< upper triangular
};

/// The part of Q and R that `qr` gives, in the words of NumPy.
enum class QrMode : std::uint8_t {
  reduced,   ///< Q (m, k) and R (k, n), where k is the lesser of m and n
  complete,  ///< Q (m, m) and R (m, n); for m > n a matrix is held whole, with its Q
};

/// Options of `qr`.
struct QrOptions {
  QrMode mode = QrMode::reduced;  ///< which extents Q and R have
};

/// Factors x (..., m, n) into Q with orthonormal columns and R, upper triangular, with the signs that LAPACK
/// gives.
///
/// Chunks:  Q in blocks of rows, at least four times taller than wide; R whole.
/// Memory:  per thread, such a block twice; nine triangles per node of the tree.
/// I/O:     R reads x once, Q twice more; the triangles of blocks and their Q go to memory or scratch. Where
///          m < n, the first m columns are factored so, and the others multiplied by Q^H. Q and R of matrices
///          that are held whole, computed together, read x once.
/// Source:  Direct TSQR: Benson, Gleich, Demmel (2013); signs by Ballard et al. (2015).
QrResult qr(const Array& x, const QrOptions& options = {});

/// Finds the x (n,) or (n, k) for which a x is nearest to b (m,) or (m, k), m >= n. One real matrix.
///
/// Memory:  as for R of `qr`; triangles have up to max(n, 512) right-hand sides beside them.
/// I/O:     reads b once, and a once for each max(n, 512) right-hand sides.
/// Source:  QR of a beside b, as `qr`, then back substitution: Golub, Van Loan, Matrix Computations, 5.3.
/// Errors:  DTypeError for complex numbers; SingularMatrixError while running if a column of a depends on
///          those before it.
Array lstsq(const Array& a, const Array& b);

/// Options of `cholesky`.
struct CholeskyOptions {
  bool upper = false;  ///< gives U, x = U^H U, of which only the upper triangle of x is read
};

/// Factors a symmetric (Hermitian) positive definite matrix x (..., n, n) into L L^H, L being lower
/// triangular. Only the lower triangle of x is read.
///
/// Chunks:  panels of columns.
/// Memory:  a square as wide as a panel (a 32nd of n, at least 256), and what `matmul` of panels takes.
/// I/O:     reads each panel once, and the panels before it once for each; panels go to memory or scratch.
/// Source:  left-looking by panels of columns; Golub, Van Loan, Matrix Computations, 4.2.
/// Errors:  SingularMatrixError while running if x is not positive definite.
Array cholesky(const Array& x, const CholeskyOptions& options = {});

/// Solves a x = b, a being (..., n, n), by elimination with partial pivoting. A 1-d b (n,) is one vector, for
/// all matrices; any other is (..., n, k). The axes before these broadcast.
///
/// Chunks:  x in blocks of whole columns of about 4 MiB.
/// Memory:  three panels of columns (a 64th of n, from 32 to 256), and such a block of b.
/// I/O:     reads a once, each panel once for each that follows and once more; panels go to memory or
///          scratch.
/// Source:  left-looking LU by panels of columns; Golub, Van Loan, Matrix Computations, 3.4.
/// Errors:  SingularMatrixError while running if a is singular.
Array solve(const Array& a, const Array& b);

}  // namespace varve
