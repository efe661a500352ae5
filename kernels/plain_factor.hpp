#pragma once

#include <complex>
#include <cstdint>

namespace varve::kernels {

// Factorisations by plain loops, of matrices whose rows lie dense one after the other, on one thread. T is
// double or std::complex<double>. Bits depend on the elements alone.

/// Replaces a (rows x columns) by R on and above its diagonal, and below it by the vectors of Householder's
/// reflectors I - f v v^H; `factors` (as many as the lesser extent) takes the f. Signs are LAPACK's: the
/// diagonal of R is real. `row` has room for `columns` elements.
template <class T>
void plain_reflectors(T* a, std::int64_t rows, std::int64_t columns, T* factors, T* row) noexcept;

/// Writes the first `wanted` columns of the product of those reflectors to q (rows x wanted). `row` has room
/// for `wanted` elements.
template <class T>
void plain_orthogonal(const T* a, std::int64_t rows, std::int64_t columns, const T* factors, T* q,
                      std::int64_t wanted, T* row) noexcept;

/// Replaces the lower triangle of a (n x n) by L, where a = L L^H, and zeroes what is above it. Returns -1,
/// or the first position where a is not positive definite.
template <class T>
[[nodiscard]] std::int64_t plain_cholesky(T* a, std::int64_t n) noexcept;

/// Replaces b (n x columns) by the x of a x = b, by elimination with partial pivoting; a (n x n) is lost.
/// Returns -1, or the first position whose pivot is zero.
template <class T>
[[nodiscard]] std::int64_t plain_solve(T* a, std::int64_t n, T* b, std::int64_t columns) noexcept;

}  // namespace varve::kernels
