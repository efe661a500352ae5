#include "kernels/plain_factor.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace varve::kernels {
namespace {

using Complex = std::complex<double>;

// The plain formula: that of std::complex repairs infinities, which costs more than the product.
double times(double a, double b) noexcept { return a * b; }
Complex times(const Complex& a, const Complex& b) noexcept {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

double conjugate(double x) noexcept { return x; }
Complex conjugate(const Complex& x) noexcept { return {x.real(), -x.imag()}; }

double imaginary(double) noexcept { return 0; }
double imaginary(const Complex& x) noexcept { return x.imag(); }

double square(double x) noexcept { return x * x; }
double square(const Complex& x) noexcept { return x.real() * x.real() + x.imag() * x.imag(); }

// By which pivots are compared, as LAPACK does.
double size(double x) noexcept { return std::abs(x); }
double size(const Complex& x) noexcept { return std::abs(x.real()) + std::abs(x.imag()); }

// to -= factor * from.
template <class T>
void subtract_multiple(T* to, const T* from, const T& factor, std::int64_t count) noexcept {
  for (std::int64_t j = 0; j < count; ++j) to[j] -= times(factor, from[j]);
}

// The length of a column, also where squares overflow or vanish.
template <class T>
double length(const T* column, std::int64_t count, std::int64_t stride) noexcept {
  constexpr double kLeast = 1e-280;
  double sum = 0;
  for (std::int64_t i = 0; i < count; ++i) sum += square(column[i * stride]);
  if (std::isnan(sum) || (sum > kLeast && std::isfinite(sum))) return std::sqrt(sum);
  double largest = 0;
  for (std::int64_t i = 0; i < count; ++i) largest = std::max(largest, size(column[i * stride]));
  if (largest == 0 || !std::isfinite(largest)) return largest;
  sum = 0;
  for (std::int64_t i = 0; i < count; ++i) sum += square(column[i * stride] / largest);
  return largest * std::sqrt(sum);
}

// Takes factor * v (v^H a) off some columns of a; v is 1, and then the column `below`.
template <class T>
void reflect(T* a, std::int64_t rows, std::int64_t columns, std::int64_t stride, const T* below,
             std::int64_t below_stride, const T& factor, T* row) noexcept {
  std::copy(a, a + columns, row);
  for (std::int64_t i = 1; i < rows; ++i) {
    const T weight = conjugate(below[i * below_stride]);
    for (std::int64_t j = 0; j < columns; ++j) row[j] += times(weight, a[i * stride + j]);
  }
  subtract_multiple(a, row, factor, columns);
  for (std::int64_t i = 1; i < rows; ++i) {
    subtract_multiple(a + i * stride, row, times(factor, below[i * below_stride]), columns);
  }
}

// Makes the reflector of a column: v below its first element, which becomes the only one. Returns f.
template <class T>
T make_reflector(T* column, std::int64_t rows, std::int64_t stride) noexcept {
  const T first = column[0];
  const double rest = rows > 1 ? length(column + stride, rows - 1, stride) : 0;
  if (rest == 0 && imaginary(first) == 0) return T{0};
  const T ends[] = {first, T(rest)};
  const double whole = -std::copysign(length(ends, 2, 1), std::real(first));
  for (std::int64_t i = 1; i < rows; ++i) column[i * stride] /= first - whole;
  column[0] = whole;
  return (whole - first) / whole;
}

}  // namespace

template <class T>
void plain_reflectors(T* a, std::int64_t rows, std::int64_t columns, T* factors, T* row) noexcept {
  for (std::int64_t k = 0; k < std::min(rows, columns); ++k) {
    T* const corner = a + k * columns + k;
    factors[k] = make_reflector(corner, rows - k, columns);
    reflect(corner + 1, rows - k, columns - k - 1, columns, corner, columns, conjugate(factors[k]), row);
  }
}

template <class T>
void plain_orthogonal(const T* a, std::int64_t rows, std::int64_t columns, const T* factors, T* q,
                      std::int64_t wanted, T* row) noexcept {
  std::fill_n(q, rows * wanted, T{0});
  for (std::int64_t i = 0; i < std::min(rows, wanted); ++i) q[i * wanted + i] = 1;
  for (std::int64_t k = std::min({rows, columns, wanted}) - 1; k >= 0; --k) {
    reflect(q + k * wanted + k, rows - k, wanted - k, wanted, a + k * columns + k, columns, factors[k], row);
  }
}

template <class T>
void plain_signs(T* top, std::int64_t n, bool keeps_last, const StridedView& signs) noexcept {
  for (std::int64_t j = 0; j < n; ++j) {
    const double sign = std::copysign(1.0, std::real(top[j * n + j]));
    const double chosen = keeps_last && j == n - 1 ? sign : -sign;
    *reinterpret_cast<double*>(signs.data + j * signs.byte_strides[0]) = chosen;
    const T pivot = top[j * n + j] - chosen;
    for (std::int64_t i = j + 1; i < n; ++i) {
      const T factor = top[i * n + j] / pivot;
      for (std::int64_t k = j + 1; k < n; ++k) top[i * n + k] -= factor * top[j * n + k];
    }
  }
}

template <class T>
std::int64_t plain_cholesky(T* a, std::int64_t n) noexcept {
  for (std::int64_t i = 0; i < n; ++i) {
    T* const row = a + i * n;
    for (std::int64_t j = 0; j <= i; ++j) {
      const T* const other = a + j * n;
      T sum = row[j];
      for (std::int64_t k = 0; k < j; ++k) sum -= times(row[k], conjugate(other[k]));
      if (j < i) {
        row[j] = sum / std::real(other[j]);
      } else if (std::real(sum) > 0) {
        row[i] = std::sqrt(std::real(sum));
      } else {
        return i;
      }
    }
    std::fill(row + i + 1, row + n, T{0});
  }
  return -1;
}

template <class T>
std::int64_t plain_solve(T* a, std::int64_t n, T* b, std::int64_t columns) noexcept {
  for (std::int64_t k = 0; k < n; ++k) {
    std::int64_t pivot = k;
    for (std::int64_t i = k; i < n; ++i) {
      // A NaN is taken at once, and spreads.
      if (std::isnan(size(a[i * n + k]))) {
        pivot = i;
        break;
      }
      if (size(a[i * n + k]) > size(a[pivot * n + k])) pivot = i;
    }
    if (a[pivot * n + k] == T{0}) return k;
    if (pivot != k) {
      std::swap_ranges(a + k * n + k, a + k * n + n, a + pivot * n + k);
      std::swap_ranges(b + k * columns, b + (k + 1) * columns, b + pivot * columns);
    }
    for (std::int64_t i = k + 1; i < n; ++i) {
      const T factor = a[i * n + k] / a[k * n + k];
      subtract_multiple(a + i * n + k + 1, a + k * n + k + 1, factor, n - k - 1);
      subtract_multiple(b + i * columns, b + k * columns, factor, columns);
    }
  }
  for (std::int64_t k = n - 1; k >= 0; --k) {
    T* const row = b + k * columns;
    for (std::int64_t i = k + 1; i < n; ++i) subtract_multiple(row, b + i * columns, a[k * n + i], columns);
    for (std::int64_t j = 0; j < columns; ++j) row[j] /= a[k * n + k];
  }
  return -1;
}

#define VARVE_PLAIN_FACTOR(T)                                                                      \
  template void plain_reflectors(T*, std::int64_t, std::int64_t, T*, T*) noexcept;                 \
  template void plain_orthogonal(const T*, std::int64_t, std::int64_t, const T*, T*, std::int64_t, \
                                 T*) noexcept;                                                     \
  template void plain_signs(T*, std::int64_t, bool, const StridedView&) noexcept;                  \
  template std::int64_t plain_cholesky(T*, std::int64_t) noexcept;                                 \
  template std::int64_t plain_solve(T*, std::int64_t, T*, std::int64_t) noexcept;
VARVE_PLAIN_FACTOR(double)
VARVE_PLAIN_FACTOR(Complex)
#undef VARVE_PLAIN_FACTOR

}  // namespace varve::kernels
