#include <algorithm>
#include <cmath>

#include "kernels/factor.hpp"

namespace varve::kernels {
namespace {

// Columns that are eliminated one by one before the rest is done by a product.
constexpr std::int64_t kPanel = 32;

double& element(const MatrixView& a, std::int64_t row, std::int64_t column) noexcept {
  return *reinterpret_cast<double*>(a.at(row, column));
}

void exchange_rows(const MatrixView& a, std::int64_t i, std::int64_t k, std::int64_t columns) noexcept {
  if (i == k) return;
  for (std::int64_t j = 0; j < columns; ++j) std::swap(element(a, i, j), element(a, k, j));
}

// row i -= factor * row k, in the columns from `first` to `last`.
void eliminate(const MatrixView& a, std::int64_t i, std::int64_t k, double factor, std::int64_t first,
               std::int64_t last) noexcept {
  for (std::int64_t j = first; j < last; ++j) element(a, i, j) -= factor * element(a, k, j);
}

// The row at or below the diagonal with the largest element of a column; the first among equals, or of NaN.
std::int64_t pivot_row(const MatrixView& a, std::int64_t n, std::int64_t column) noexcept {
  std::int64_t best = column;
  for (std::int64_t i = column; i < n; ++i) {
    if (std::isnan(element(a, i, column))) return i;
    if (std::abs(element(a, i, column)) > std::abs(element(a, best, column))) best = i;
  }
  return best;
}

}  // namespace

std::int64_t lu_factor(const MatrixView& a, std::int64_t n, std::int64_t* exchanges,
                       std::byte* workspace) noexcept {
  for (std::int64_t first = 0; first < n; first += kPanel) {
    const std::int64_t last = std::min(first + kPanel, n);
    for (std::int64_t j = first; j < last; ++j) {
      exchanges[j] = pivot_row(a, n, j);
      if (element(a, exchanges[j], j) == 0) return j;
      exchange_rows(a, j, exchanges[j], n);
      for (std::int64_t i = j + 1; i < n; ++i) {
        element(a, i, j) /= element(a, j, j);
        eliminate(a, i, j, element(a, i, j), j + 1, last);
      }
    }
    for (std::int64_t i = first + 1; i < last; ++i) {
      for (std::int64_t k = first; k < i; ++k) eliminate(a, i, k, element(a, i, k), last, n);
    }
    if (last < n) {
      multiply(DType::float64,
               {a.from(last, first), a.from(first, last), n - last, n - last, last - first,
                a.from(last, last), Into::subtract},
               workspace);
    }
  }
  return -1;
}

void lu_solve(const MatrixView& factored, std::int64_t n, const std::int64_t* exchanges, const MatrixView& b,
              std::int64_t columns) noexcept {
  for (std::int64_t i = 0; i < n; ++i) exchange_rows(b, i, exchanges[i], columns);
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t k = 0; k < i; ++k) {
      const double factor = element(factored, i, k);
      for (std::int64_t j = 0; j < columns; ++j) element(b, i, j) -= factor * element(b, k, j);
    }
  }
  solve_upper(factored, n, b, columns);
}

}  // namespace varve::kernels
