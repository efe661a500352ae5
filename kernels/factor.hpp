#pragma once

#include "kernels/contract.hpp"

namespace varve::kernels {

// Factorisations of matrices of double in memory, on one thread. Workspaces are aligned to 64 bytes.

/// Returns the bytes of workspace for `qr_factor` and `qr_apply` of that many rows, reflectors, and columns of either operand.
[[nodiscard]] std::int64_t qr_workspace_bytes(std::int64_t rows, std::int64_t columns);

/// Replaces a (rows x columns) by R in the upper triangle and the vectors of Householder's reflectors below it, as LAPACK does.
/// `tau` takes min(rows, columns) factors.
void qr_factor(const MatrixView& a, std::int64_t rows, std::int64_t columns, double* tau,
               std::byte* workspace) noexcept;

/// Multiplies c (rows x columns) from the left by Q, the product of `count` reflectors.
void qr_apply(const MatrixView& reflectors, const double* tau, std::int64_t rows, std::int64_t count,
              const MatrixView& c, std::int64_t columns, std::byte* workspace) noexcept;

/// Returns the bytes of workspace for the functions below.
[[nodiscard]] std::int64_t triangular_workspace_bytes(std::int64_t rows, std::int64_t columns);

/// Replaces the lower triangle of a (n x n) by L, where a = L L^T, and zeroes what is above it. Returns -1, or the first
/// position where a is not positive definite.
[[nodiscard]] std::int64_t cholesky_factor(const MatrixView& a, std::int64_t n,
                                           std::byte* workspace) noexcept;

/// Replaces b (rows x n) by b L^-T, L being lower triangular.
void solve_transposed_lower(const MatrixView& lower, std::int64_t n, const MatrixView& b, std::int64_t rows,
                            std::byte* workspace) noexcept;

/// Replaces b (n x columns) by U^-1 b, U being upper triangular.
void solve_upper(const MatrixView& upper, std::int64_t n, const MatrixView& b, std::int64_t columns) noexcept;

/// Replaces b (n x columns) by L^-1 b, L being lower triangular with ones on its diagonal, which are not read. Rows of b are dense.
void solve_unit_lower(const MatrixView& lower, std::int64_t n, const MatrixView& b, std::int64_t columns,
                      std::byte* workspace) noexcept;

/// Replaces a (rows x columns, at least as many rows; each dense) by L and U, where L U is a with rows exchanged: row i with row
/// exchanges[i], for i from 0. Returns -1, or the first position whose pivot is zero.
[[nodiscard]] std::int64_t lu_factor(const MatrixView& a, std::int64_t rows, std::int64_t columns,
                                     std::int64_t* exchanges, std::byte* workspace) noexcept;

/// Exchanges row i of a (rows dense, of that many columns) with row exchanges[i], for i from 0 to count.
void exchange_rows(const MatrixView& a, std::int64_t columns, const std::int64_t* exchanges,
                   std::int64_t count) noexcept;

}  // namespace varve::kernels
