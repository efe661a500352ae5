#include <algorithm>
#include <cmath>

#include "kernels/factor.hpp"

namespace varve::kernels {
namespace {

constexpr std::int64_t kDouble = sizeof(double);
// Reflectors that are applied together.
constexpr std::int64_t kPanel = 32;

double& element(const MatrixView& a, std::int64_t row, std::int64_t column) noexcept {
  return *reinterpret_cast<double*>(a.at(row, column));
}

// Four sums, so that additions need not wait for each other.
double dot(const double* x, const double* y, std::int64_t n) noexcept {
  double sums[4] = {};
  std::int64_t i = 0;
  for (; i + 4 <= n; i += 4) {
    for (int lane = 0; lane < 4; ++lane) sums[lane] += x[i + lane] * y[i + lane];
  }
  for (; i < n; ++i) sums[0] += x[i] * y[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

// Scaled, so that squares neither overflow nor vanish.
double norm(const double* x, std::int64_t n) noexcept {
  double largest = 0;
  for (std::int64_t i = 0; i < n; ++i) largest = std::max(largest, std::abs(x[i]));
  if (!(largest > 0) || std::isinf(largest)) return dot(x, x, n) == 0 ? 0 : std::sqrt(dot(x, x, n));
  if (largest > 1e-100 && largest < 1e100) return std::sqrt(dot(x, x, n));
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i) sum += (x[i] / largest) * (x[i] / largest);
  return largest * std::sqrt(sum);
}

// Makes a reflector that maps x to beta e_1; x becomes its vector, whose first element is 1.
struct Reflector {
  double beta;
  double tau;
};
Reflector reflect(double* x, std::int64_t n) noexcept {
  const double alpha = x[0];
  const double rest = norm(x + 1, n - 1);
  x[0] = 1;
  if (rest == 0) return {alpha, 0};
  const double beta = -std::copysign(std::hypot(alpha, rest), alpha);
  const double scale = 1 / (alpha - beta);
  for (std::int64_t i = 1; i < n; ++i) x[i] = std::isfinite(scale) ? x[i] * scale : x[i] / (alpha - beta);
  return {beta, (beta - alpha) / beta};
}

// Is a block of reflectors I - V T V^T, and the memory that it is applied with.
struct Panel {
  double* vectors;   // rows x width, column by column
  double* triangle;  // width x width, row by row
  double* product;   // width x columns
  double* scaled;    // width x columns
  std::byte* packed;
  std::int64_t rows = 0;
  std::int64_t width = 0;

  [[nodiscard]] double* column(std::int64_t j) const noexcept { return vectors + j * rows; }
  [[nodiscard]] MatrixView view() const noexcept {
    return {reinterpret_cast<std::byte*>(vectors), kDouble, rows * kDouble};
  }
};

std::int64_t rounded(std::int64_t elements) { return (elements * kDouble + 63) / 64 * 64; }

Panel panel_in(std::byte* workspace, std::int64_t rows, std::int64_t columns) noexcept {
  Panel panel{};
  std::byte* at = workspace;
  const auto take = [&](std::int64_t elements) {
    auto* result = reinterpret_cast<double*>(at);
    at += rounded(elements);
    return result;
  };
  panel.vectors = take(rows * kPanel);
  panel.triangle = take(kPanel * kPanel);
  panel.product = take(kPanel * columns);
  panel.scaled = take(kPanel * columns);
  panel.packed = at;
  return panel;
}

// Fills T from the vectors: column j is -tau_j T (V^T v_j), and tau_j on the diagonal.
void fill_triangle(const Panel& panel, const double* tau) noexcept {
  double* t = panel.triangle;
  std::fill(t, t + panel.width * panel.width, 0.0);
  for (std::int64_t j = 0; j < panel.width; ++j) {
    double products[kPanel];
    for (std::int64_t i = 0; i < j; ++i) {
      products[i] = dot(panel.column(i) + j, panel.column(j) + j, panel.rows - j);
    }
    for (std::int64_t i = 0; i < j; ++i) {
      double sum = 0;
      for (std::int64_t k = i; k < j; ++k) sum += t[i * panel.width + k] * products[k];
      t[i * panel.width + j] = -tau[j] * sum;
    }
    t[j * panel.width + j] = tau[j];
  }
}

// c -= V T (V^T c), or with T transposed: multiplies by the block of reflectors, or its inverse.
void apply(const Panel& panel, bool inverse, const MatrixView& c, std::int64_t columns) noexcept {
  if (columns == 0) return;
  const MatrixView product{reinterpret_cast<std::byte*>(panel.product), columns * kDouble, kDouble};
  const MatrixView scaled{reinterpret_cast<std::byte*>(panel.scaled), columns * kDouble, kDouble};
  const MatrixView triangle{reinterpret_cast<std::byte*>(panel.triangle), panel.width * kDouble, kDouble};
  const std::int64_t width = panel.width;
  multiply(DType::float64, {panel.view().transposed(), c, width, columns, panel.rows, product, Into::replace},
           panel.packed);
  multiply(
      DType::float64,
      {inverse ? triangle.transposed() : triangle, product, width, columns, width, scaled, Into::replace},
      panel.packed);
  multiply(DType::float64, {panel.view(), scaled, panel.rows, columns, width, c, Into::subtract},
           panel.packed);
}

// Factors the columns of one panel, held column by column, and writes them back.
void factor_panel(const Panel& panel, const MatrixView& a, double* tau) noexcept {
  for (std::int64_t j = 0; j < panel.width; ++j) {
    for (std::int64_t i = 0; i < panel.rows; ++i) panel.column(j)[i] = element(a, i, j);
  }
  for (std::int64_t j = 0; j < panel.width; ++j) {
    double* v = panel.column(j) + j;
    const std::int64_t n = panel.rows - j;
    const Reflector reflector = reflect(v, n);
    tau[j] = reflector.tau;
    for (std::int64_t k = j + 1; k < panel.width; ++k) {
      double* x = panel.column(k) + j;
      const double factor = reflector.tau * dot(v, x, n);
      for (std::int64_t i = 0; i < n; ++i) x[i] -= factor * v[i];
    }
    for (std::int64_t i = 0; i < panel.rows; ++i) {
      element(a, i, j) = i == j ? reflector.beta : panel.column(j)[i];
      if (i < j) panel.column(j)[i] = 0;
    }
  }
}

// Reads the vectors of a panel back from a factored matrix.
void load_panel(const Panel& panel, const MatrixView& a) noexcept {
  for (std::int64_t j = 0; j < panel.width; ++j) {
    for (std::int64_t i = 0; i < panel.rows; ++i) {
      panel.column(j)[i] = i < j ? 0 : i == j ? 1 : element(a, i, j);
    }
  }
}

}  // namespace

std::int64_t qr_workspace_bytes(std::int64_t rows, std::int64_t columns) {
  const std::int64_t side = std::max(rows, kPanel);
  return rounded(rows * kPanel) + rounded(kPanel * kPanel) + 2 * rounded(kPanel * columns) +
         multiply_workspace_bytes(DType::float64, side, columns);
}

void qr_factor(const MatrixView& a, std::int64_t rows, std::int64_t columns, double* tau,
               std::byte* workspace) noexcept {
  Panel panel = panel_in(workspace, rows, columns);
  const std::int64_t count = std::min(rows, columns);
  for (std::int64_t first = 0; first < count; first += kPanel) {
    panel.rows = rows - first;
    panel.width = std::min(kPanel, count - first);
    factor_panel(panel, a.from(first, first), tau + first);
    fill_triangle(panel, tau + first);
    apply(panel, true, a.from(first, first + panel.width), columns - first - panel.width);
  }
}

void qr_apply(const MatrixView& reflectors, const double* tau, std::int64_t rows, std::int64_t count,
              const MatrixView& c, std::int64_t columns, std::byte* workspace) noexcept {
  Panel panel = panel_in(workspace, rows, columns);
  for (std::int64_t first = (count - 1) / kPanel * kPanel; first >= 0; first -= kPanel) {
    panel.rows = rows - first;
    panel.width = std::min(kPanel, count - first);
    load_panel(panel, reflectors.from(first, first));
    fill_triangle(panel, tau + first);
    apply(panel, false, c.from(first, 0), columns);
  }
}

}  // namespace varve::kernels
