#include <algorithm>
#include <cmath>

#include "kernels/factor.hpp"

namespace varve::kernels {
namespace {

// Columns that are eliminated one by one before the rest is done by a product.
constexpr std::int64_t kBlock = 32;

double& element(const MatrixView& a, std::int64_t row, std::int64_t column) noexcept {
  return *reinterpret_cast<double*>(a.at(row, column));
}

// Factors a small block by columns. `failed` becomes the first position that is not positive.
void factor_block(const MatrixView& a, std::int64_t n, std::int64_t& failed) noexcept {
  for (std::int64_t j = 0; j < n; ++j) {
    for (std::int64_t i = j; i < n; ++i) {
      double sum = element(a, i, j);
      for (std::int64_t k = 0; k < j; ++k) sum -= element(a, i, k) * element(a, j, k);
      if (i == j) {
        if (!(sum > 0)) {
          failed = j;
          return;
        }
        element(a, j, j) = std::sqrt(sum);
      } else {
        element(a, i, j) = sum / element(a, j, j);
      }
    }
  }
}

}  // namespace

std::int64_t triangular_workspace_bytes(std::int64_t rows, std::int64_t columns) {
  return multiply_workspace_bytes(DType::float64, rows, columns);
}

void solve_transposed_lower(const MatrixView& lower, std::int64_t n, const MatrixView& b, std::int64_t rows,
                            std::byte* workspace) noexcept {
  for (std::int64_t first = 0; first < n; first += kBlock) {
    const std::int64_t width = std::min(kBlock, n - first);
    if (first > 0) {
      multiply(DType::float64,
               {b, lower.from(first, 0).transposed(), rows, width, first, b.from(0, first), Into::subtract},
               workspace);
    }
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t j = first; j < first + width; ++j) {
        double sum = element(b, row, j);
        for (std::int64_t k = first; k < j; ++k) sum -= element(b, row, k) * element(lower, j, k);
        element(b, row, j) = sum / element(lower, j, j);
      }
    }
  }
}

std::int64_t cholesky_factor(const MatrixView& a, std::int64_t n, std::byte* workspace) noexcept {
  for (std::int64_t first = 0; first < n; first += kBlock) {
    const std::int64_t width = std::min(kBlock, n - first);
    const std::int64_t below = n - first - width;
    if (first > 0) {
      multiply(DType::float64,
               {a.from(first, 0), a.from(first, 0).transposed(), n - first, width, first,
                a.from(first, first), Into::subtract},
               workspace);
    }
    std::int64_t failed = -1;
    factor_block(a.from(first, first), width, failed);
    if (failed >= 0) return first + failed;
    solve_transposed_lower(a.from(first, first), width, a.from(first + width, first), below, workspace);
  }
  for (std::int64_t row = 0; row < n; ++row) {
    for (std::int64_t column = row + 1; column < n; ++column) element(a, row, column) = 0;
  }
  return -1;
}

void solve_upper(const MatrixView& upper, std::int64_t n, const MatrixView& b,
                 std::int64_t columns) noexcept {
  for (std::int64_t i = n - 1; i >= 0; --i) {
    for (std::int64_t k = i + 1; k < n; ++k) {
      const double factor = element(upper, i, k);
      for (std::int64_t j = 0; j < columns; ++j) element(b, i, j) -= factor * element(b, k, j);
    }
    for (std::int64_t j = 0; j < columns; ++j) element(b, i, j) /= element(upper, i, i);
  }
}

}  // namespace varve::kernels
