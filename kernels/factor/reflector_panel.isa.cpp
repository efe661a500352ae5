#include <xsimd/xsimd.hpp>

#include "kernels/factor/reflectors.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

using Batch = xsimd::batch<double>;
constexpr std::int64_t kWidth = static_cast<std::int64_t>(sizeof(Batch) / sizeof(double));
constexpr int kVectors = static_cast<int>(kPanelColumns / kWidth);

// Between these, squares neither overflow nor vanish. Products with columns that are 1e200 times smaller than
// the pivot may: what is lost then is far below the rounding error of the block, though not of those columns
// by themselves.
constexpr double kLargest = 1e100;
constexpr double kMinSquare = 1e-200;

// Sums of products of one column with all columns from that of its vector on.
struct Dots {
  alignas(64) double of[kPanelColumns];
};

// Subtracts from each row its element in column `at` times the weights, and adds up the products of column at
// + 1 with all. Two rows at a time, whose sums do not wait for each other.
template <int kCount>
VARVE_INLINE void subtract_row(double* row, std::int64_t at, const Batch* weights, Batch* sums) {
  const Batch factor(row[at]);
  Batch rest[kCount];
  VARVE_UNROLL(8)
  for (int v = 0; v < kCount; ++v) {
    rest[v] = xsimd::fnma(factor, weights[v], Batch::load_aligned(row + v * kWidth));
    rest[v].store_aligned(row + v * kWidth);
  }
  const Batch next(row[at + 1]);
  VARVE_UNROLL(8)
  for (int v = 0; v < kCount; ++v) sums[v] = xsimd::fma(next, rest[v], sums[v]);
}

template <int kCount>
void subtract_and_dot(double* rows, std::int64_t pitch, std::int64_t count, std::int64_t at,
                      const double* weights, double* dots) noexcept {
  Batch w[kCount];
  Batch even[kCount];
  Batch odd[kCount];
  VARVE_UNROLL(8)
  for (int v = 0; v < kCount; ++v) {
    w[v] = Batch::load_aligned(weights + v * kWidth);
    even[v] = odd[v] = Batch(0.0);
  }
  std::int64_t i = 0;
  for (; i + 2 <= count; i += 2) {
    subtract_row<kCount>(rows + i * pitch, at, w, even);
    subtract_row<kCount>(rows + (i + 1) * pitch, at, w, odd);
  }
  if (i < count) subtract_row<kCount>(rows + i * pitch, at, w, even);
  VARVE_UNROLL(8)
  for (int v = 0; v < kCount; ++v) (even[v] + odd[v]).store_aligned(dots + v * kWidth);
}

using Step = void (*)(double*, std::int64_t, std::int64_t, std::int64_t, const double*, double*) noexcept;

template <int kCount>
VARVE_INLINE Step step_of(int count) {
  if constexpr (kCount == 1) {
    return subtract_and_dot<1>;
  } else {
    return count == kCount ? subtract_and_dot<kCount> : step_of<kCount - 1>(count);
  }
}

/// A panel: its rows lie `pitch` elements apart, a whole number of vectors.
struct Panel {
  double* data;
  std::int64_t pitch;
  std::int64_t rows;
  std::int64_t width;

  [[nodiscard]] VARVE_INLINE double* row(std::int64_t at) const { return data + at * pitch; }
  // The vectors from that of a column on.
  [[nodiscard]] VARVE_INLINE int vectors_from(std::int64_t first) const {
    return static_cast<int>((width + kWidth - 1) / kWidth - first);
  }
};

// The rows below row `column` lose the column's elements times the weights; then the next column is
// multiplied with all, without the row that it has its pivot in.
void reduce_rows(const Panel& panel, std::int64_t column, const double* weights, Dots& dots) noexcept {
  const std::int64_t first = column / kWidth;
  double* row = panel.row(column + 1);
  for (std::int64_t k = column + 1; k < panel.width; ++k) row[k] -= row[column] * weights[k];
  step_of<kVectors>(panel.vectors_from(first))(row + panel.pitch + first * kWidth, panel.pitch,
                                               panel.rows - column - 2, column - first * kWidth,
                                               weights + first * kWidth, dots.of + first * kWidth);
}

// The products of a column with all, without the row that it has its pivot in.
void dot_rows(const Panel& panel, std::int64_t column, Dots& dots) noexcept {
  alignas(64) const double nothing[kPanelColumns] = {};
  const std::int64_t first = column / kWidth;
  // The column before is subtracted no times; before the first column that is the end of the row above.
  step_of<kVectors>(panel.vectors_from(first))(panel.row(column + 1) + first * kWidth, panel.pitch,
                                               panel.rows - column - 1, column - 1 - first * kWidth, nothing,
                                               dots.of + first * kWidth);
}

// The largest magnitude; not a number if some element is none, or if the magnitudes add up to no number.
double largest_of(const double* x, std::int64_t n) noexcept {
  constexpr std::int64_t kLanes = 16;
  double maxima[kLanes] = {};
  double sums[kLanes] = {};  // find NaN, which a maximum may lose
  const auto look = [&](std::int64_t i, std::int64_t lane) __attribute__((always_inline)) {
    const double magnitude = __builtin_fabs(x[i]);
    maxima[lane] = magnitude > maxima[lane] ? magnitude : maxima[lane];
    sums[lane] += magnitude;
  };
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) look(i + lane, lane);
  }
  for (; i < n; ++i) look(i, 0);
  double largest = 0;
  for (std::int64_t lane = 0; lane < kLanes; ++lane) {
    if (__builtin_isnan(sums[lane])) return sums[lane];
    largest = maxima[lane] > largest ? maxima[lane] : largest;
  }
  return largest;
}

// Divided by the largest element before it is squared.
double norm_below(const Panel& panel, std::int64_t column) noexcept {
  double largest = 0;
  for (std::int64_t i = column + 1; i < panel.rows; ++i) {
    const double x = __builtin_fabs(panel.row(i)[column]);
    if (!(x <= largest)) largest = x;
    if (__builtin_isnan(x)) return x;
  }
  if (largest == 0 || __builtin_isinf(largest)) return largest;
  double sum = 0;
  for (std::int64_t i = column + 1; i < panel.rows; ++i) {
    const double x = panel.row(i)[column] / largest;
    sum += x * x;
  }
  return largest * __builtin_sqrt(sum);
}

// One column, whatever its elements: the vector is made first, and multiplied afterwards.
double reflect_with_care(const Panel& panel, std::int64_t column) noexcept {
  const std::int64_t width = panel.width;
  double* pivot = panel.row(column);
  const double alpha = pivot[column];
  const double rest = norm_below(panel, column);
  if (rest == 0) return 0;
  const double beta = -__builtin_copysign(__builtin_hypot(alpha, rest), alpha);
  const double tau = (beta - alpha) / beta;
  double sums[kPanelColumns] = {};
  for (std::int64_t i = column + 1; i < panel.rows; ++i) {
    double* row = panel.row(i);
    row[column] /= alpha - beta;
    for (std::int64_t k = column + 1; k < width; ++k) sums[k] += row[column] * row[k];
  }
  pivot[column] = beta;
  for (std::int64_t k = column + 1; k < width; ++k) {
    sums[k] = tau * (pivot[k] + sums[k]);
    pivot[k] -= sums[k];
  }
  for (std::int64_t i = column + 1; i < panel.rows; ++i) {
    double* row = panel.row(i);
    for (std::int64_t k = column + 1; k < width; ++k) row[k] -= row[column] * sums[k];
  }
  return tau;
}

void scale_vectors(const Panel& panel, const double* scales) noexcept {
  for (std::int64_t i = 1; i < panel.rows; ++i) {
    double* row = panel.row(i);
    const std::int64_t count = i < panel.width ? i : panel.width;
    for (std::int64_t k = 0; k < count; ++k) row[k] *= scales[k];
  }
}

// One pass over the panel per column: the products of the column with itself and with the others give the
// reflector and what it takes from each row; while a row is changed, the products of the next column are
// added up. Vectors are scaled at the end.
void factor(double* data, std::int64_t pitch, std::int64_t rows, std::int64_t width, double* tau) noexcept {
  const Panel panel{data, pitch, rows, width};
  const bool with_care = !(largest_of(data, rows * pitch) < kLargest);
  double scales[kPanelColumns];
  for (double& scale : scales) scale = 1;
  Dots dots;
  if (!with_care) dot_rows(panel, 0, dots);
  for (std::int64_t j = 0; j < width; ++j) {
    if (with_care || !(dots.of[j] > kMinSquare)) {
      tau[j] = reflect_with_care(panel, j);
      if (!with_care && j + 1 < width) dot_rows(panel, j + 1, dots);
      continue;
    }
    double* pivot = panel.row(j);
    const double alpha = pivot[j];
    const double beta = -__builtin_copysign(__builtin_sqrt(alpha * alpha + dots.of[j]), alpha);
    tau[j] = (beta - alpha) / beta;
    scales[j] = 1 / (alpha - beta);
    pivot[j] = beta;
    alignas(64) double weights[kPanelColumns] = {};
    for (std::int64_t k = j + 1; k < width; ++k) {
      const double part = tau[j] * (pivot[k] + scales[j] * dots.of[k]);
      pivot[k] -= part;
      weights[k] = part * scales[j];
    }
    if (j + 1 < width) reduce_rows(panel, j, weights, dots);
  }
  scale_vectors(panel, scales);
}

}  // namespace

void fill_reflector_panels(ReflectorKernels& kernels) noexcept {
  kernels.lanes = kWidth;
  kernels.factor = factor;
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
