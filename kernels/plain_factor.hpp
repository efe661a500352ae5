#pragma once

#include <complex>
#include <cstdint>

#include "kernels/contract.hpp"

namespace varve::kernels {

// Factorisations by plain loops, of matrices whose rows lie dense one after the other, on one thread. T is
// double or std::complex<double>. Bits depend on the elements alone.

/// Copies a matrix of any strides to dense rows. Matrices may be small: in place, it costs no call.
template <class T>
void plain_load(const MatrixView& from, std::int64_t rows, std::int64_t columns, T* to) noexcept {
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j)
      to[i * columns + j] = *reinterpret_cast<const T*>(from.at(i, j));
  }
}
/// Copies dense rows to a matrix of any strides.
template <class T>
void plain_store(const T* from, std::int64_t rows, std::int64_t columns, const MatrixView& to) noexcept {
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) *reinterpret_cast<T*>(to.at(i, j)) = from[i * columns + j];
  }
}

/// Copies dense rows, but zeroes below the diagonal, to a matrix of any strides.
template <class T>
void plain_store_upper(const T* from, std::int64_t rows, std::int64_t columns,
                       const MatrixView& to) noexcept {
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j)
      *reinterpret_cast<T*>(to.at(i, j)) = j < i ? T{0} : from[i * columns + j];
  }
}

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

/// Writes the signs by which the columns of q, whose first n rows are `top`, differ from those of LAPACK, by
/// elimination in `top`, where each pivot is moved away from zero by one (Ballard et al., "Reconstructing
/// Householder vectors from TSQR", 2015). A reflector leaves its column a first element whose real part is
/// not positive, but the last of a real square matrix (`keeps_last`) is the identity.
template <class T>
void plain_signs(T* top, std::int64_t n, bool keeps_last, const StridedView& signs) noexcept;

/// Replaces the lower triangle of a (n x n) by L, where a = L L^H, and zeroes what is above it. Returns -1,
/// or the first position where a is not positive definite.
template <class T>
[[nodiscard]] std::int64_t plain_cholesky(T* a, std::int64_t n) noexcept;

/// Replaces b (n x columns) by the x of a x = b, by elimination with partial pivoting; a (n x n) is lost.
/// Returns -1, or the first position whose pivot is zero.
template <class T>
[[nodiscard]] std::int64_t plain_solve(T* a, std::int64_t n, T* b, std::int64_t columns) noexcept;

}  // namespace varve::kernels
