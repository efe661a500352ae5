#include <algorithm>
#include <cmath>

#include "kernels/factor.hpp"

namespace varve::kernels {
namespace {

// Columns that are eliminated one by one before the rest is done by a product.
constexpr std::int64_t kPanel = 32;

double* row(const MatrixView& a, std::int64_t at) noexcept { return reinterpret_cast<double*>(a.at(at, 0)); }

// to -= factor * from.
void subtract_multiple(double* to, const double* from, double factor, std::int64_t count) noexcept {
  for (std::int64_t j = 0; j < count; ++j) to[j] -= factor * from[j];
}

// The row at or below the diagonal with the largest element of a column; the first among equals, or of NaN.
std::int64_t pivot_row(const MatrixView& a, std::int64_t rows, std::int64_t column) noexcept {
  std::int64_t best = column;
  for (std::int64_t i = column; i < rows; ++i) {
    const double value = row(a, i)[column];
    if (std::isnan(value)) return i;
    if (std::abs(value) > std::abs(row(a, best)[column])) best = i;
  }
  return best;
}

// Eliminates the columns from `first` to `last`, in these columns alone.
std::int64_t factor_columns(const MatrixView& a, std::int64_t rows, std::int64_t columns, std::int64_t first,
                            std::int64_t last, std::int64_t* exchanges) noexcept {
  for (std::int64_t j = first; j < last; ++j) {
    exchanges[j] = pivot_row(a, rows, j);
    const double pivot = row(a, exchanges[j])[j];
    if (pivot == 0) return j;
    if (exchanges[j] != j) std::swap_ranges(row(a, j), row(a, j) + columns, row(a, exchanges[j]));
    const double* from = row(a, j) + j + 1;
    for (std::int64_t i = j + 1; i < rows; ++i) {
      double* to = row(a, i) + j;
      *to /= pivot;
      subtract_multiple(to + 1, from, *to, last - j - 1);
    }
  }
  return -1;
}

}  // namespace

void exchange_rows(const MatrixView& a, std::int64_t columns, const std::int64_t* exchanges,
                   std::int64_t count) noexcept {
  for (std::int64_t i = 0; i < count; ++i) {
    if (exchanges[i] != i) std::swap_ranges(row(a, i), row(a, i) + columns, row(a, exchanges[i]));
  }
}

void solve_unit_lower(const MatrixView& lower, std::int64_t n, const MatrixView& b, std::int64_t columns,
                      std::byte* workspace) noexcept {
  for (std::int64_t first = 0; first < n; first += kPanel) {
    const std::int64_t last = std::min(first + kPanel, n);
    if (first > 0) {
      multiply(DType::float64,
               {lower.from(first, 0), b, last - first, columns, first, b.from(first, 0), Into::subtract},
               workspace);
    }
    for (std::int64_t i = first + 1; i < last; ++i) {
      for (std::int64_t k = first; k < i; ++k)
        subtract_multiple(row(b, i), row(b, k), row(lower, i)[k], columns);
    }
  }
}

std::int64_t lu_factor(const MatrixView& a, std::int64_t rows, std::int64_t columns, std::int64_t* exchanges,
                       std::byte* workspace) noexcept {
  for (std::int64_t first = 0; first < columns; first += kPanel) {
    const std::int64_t last = std::min(first + kPanel, columns);
    const std::int64_t failed = factor_columns(a, rows, columns, first, last, exchanges);
    if (failed >= 0) return failed;
    if (last == columns) break;
    solve_unit_lower(a.from(first, first), last - first, a.from(first, last), columns - last, workspace);
    multiply(DType::float64,
             {a.from(last, first), a.from(first, last), rows - last, columns - last, last - first,
              a.from(last, last), Into::subtract},
             workspace);
  }
  return -1;
}

}  // namespace varve::kernels
