#pragma once

#include "kernels/contract.hpp"

namespace varve::kernels {

// Factorisations of matrices of double in memory, on one thread. Workspaces are aligned to 64 bytes.

/// A block of dense rows whose QR factorisation is wanted. It is done by pieces, each factored under the
/// triangle of those before it, so that a piece stays in cache. Signs are LAPACK's where there is one piece.
struct QrBlock {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t height =
      0;  ///< least rows of a piece, where there are several; at least as many as `factored`
  /// The first columns that are factored: the others are only multiplied by Q transposed.
  std::int64_t factored = columns;

  [[nodiscard]] std::int64_t pieces() const noexcept { return rows < 2 * height ? 1 : rows / height; }
};

/// Returns the bytes of workspace for `qr_triangle`, or for `qr_factors`.
[[nodiscard]] std::int64_t qr_workspace_bytes(const QrBlock& block, bool with_q);

/// Factors `a`, which is lost, and writes R (factored x columns): zero below its diagonal, and in rows that
/// the block lacks.
void qr_triangle(const QrBlock& block, double* a, const MatrixView& r, std::byte* workspace) noexcept;

/// Factors all columns of `a`, which is lost and has at least as many rows as columns. Writes R, if `r` has
/// data, and Q times `factor` (columns x columns; the identity if it has no data), if `q` has data.
void qr_factors(const QrBlock& block, double* a, const MatrixView& factor, const MatrixView& r,
                const MatrixView& q, std::byte* workspace) noexcept;

void copy_matrix(const MatrixView& from, std::int64_t rows, std::int64_t columns,
                 const MatrixView& to) noexcept;
void fill_zero(const MatrixView& a, std::int64_t rows, std::int64_t columns) noexcept;

/// Returns the bytes of workspace for the functions below.
[[nodiscard]] std::int64_t triangular_workspace_bytes(std::int64_t rows, std::int64_t columns);

/// Replaces the lower triangle of a (n x n) by L, where a = L L^T, and zeroes what is above it. Returns -1,
/// or the first position where a is not positive definite.
[[nodiscard]] std::int64_t cholesky_factor(const MatrixView& a, std::int64_t n,
                                           std::byte* workspace) noexcept;

/// Replaces b (rows x n) by b L^-T, L being lower triangular.
void solve_transposed_lower(const MatrixView& lower, std::int64_t n, const MatrixView& b, std::int64_t rows,
                            std::byte* workspace) noexcept;

/// Replaces b (n x columns) by U^-1 b, U being upper triangular.
void solve_upper(const MatrixView& upper, std::int64_t n, const MatrixView& b, std::int64_t columns) noexcept;

/// Replaces b (n x columns) by L^-1 b, L being lower triangular with ones on its diagonal, which are not
/// read. Rows of b are dense.
void solve_unit_lower(const MatrixView& lower, std::int64_t n, const MatrixView& b, std::int64_t columns,
                      std::byte* workspace) noexcept;

/// Replaces a (rows x columns, at least as many rows; each dense) by L and U, where L U is a with rows
/// exchanged: row i with row exchanges[i], for i from 0. Returns -1, or the first position whose pivot is
/// zero.
[[nodiscard]] std::int64_t lu_factor(const MatrixView& a, std::int64_t rows, std::int64_t columns,
                                     std::int64_t* exchanges, std::byte* workspace) noexcept;

/// Exchanges row i of a (rows dense, of that many columns) with row exchanges[i], for i from 0 to count.
void exchange_rows(const MatrixView& a, std::int64_t columns, const std::int64_t* exchanges,
                   std::int64_t count) noexcept;

}  // namespace varve::kernels
