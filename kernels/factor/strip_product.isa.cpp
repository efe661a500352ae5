#include <xsimd/xsimd.hpp>

#include "kernels/factor/reflectors.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

using Batch = xsimd::batch<double>;
constexpr std::int64_t kWidth = static_cast<std::int64_t>(sizeof(Batch) / sizeof(double));
constexpr int kTallRows = 6;
constexpr int kShortRows = 4;

VARVE_INLINE double joined(Into into, double before, double sum) {
  return into == Into::replace ? sum : into == Into::add ? before + sum : before - sum;
}

// Stores a vector of sums, without its first `done` columns.
VARVE_INLINE void store_sums(const StripProduct& p, double* at, std::int64_t done, Batch sum) {
  if (p.out_column_stride == 1 && done == 0) {
    if (p.into == Into::add) sum = Batch::load_unaligned(at) + sum;
    if (p.into == Into::subtract) sum = Batch::load_unaligned(at) - sum;
    sum.store_unaligned(at);
    return;
  }
  alignas(64) double lanes[kWidth];
  sum.store_aligned(lanes);
  for (std::int64_t lane = done; lane < kWidth; ++lane) {
    double& to = at[lane * p.out_column_stride];
    to = joined(p.into, to, lanes[lane]);
  }
}

// Sums of so many rows and vectors of columns stay in registers: one chain of multiply-adds per element,
// wherever it lies.
template <int kRows, int kVectors>
VARVE_INLINE void multiply_block(const StripProduct& p, std::int64_t row, std::int64_t column,
                                 std::int64_t done) {
  const double* left = p.left + row * p.left_row_stride;
  const double* right = p.right + column;
  Batch sums[kRows][kVectors];
  VARVE_UNROLL(8)
  for (int r = 0; r < kRows; ++r) {
    VARVE_UNROLL(2)
    for (int v = 0; v < kVectors; ++v) sums[r][v] = Batch(0.0);
  }
  for (std::int64_t k = 0; k < p.depth; ++k, left += p.left_depth_stride, right += p.right_stride) {
    Batch factors[kVectors];
    VARVE_UNROLL(2)
    for (int v = 0; v < kVectors; ++v) factors[v] = Batch::load_unaligned(right + v * kWidth);
    VARVE_UNROLL(8)
    for (int r = 0; r < kRows; ++r) {
      const Batch factor(left[r * p.left_row_stride]);
      VARVE_UNROLL(2)
      for (int v = 0; v < kVectors; ++v) sums[r][v] = xsimd::fma(factor, factors[v], sums[r][v]);
    }
  }
  double* out = p.out + row * p.out_stride + column * p.out_column_stride;
  VARVE_UNROLL(8)
  for (int r = 0; r < kRows; ++r) {
    VARVE_UNROLL(2)
    for (int v = 0; v < kVectors; ++v) {
      store_sums(p, out + r * p.out_stride + v * kWidth * p.out_column_stride, done, sums[r][v]);
    }
  }
}

template <int kVectors>
void multiply_columns(const StripProduct& p, std::int64_t column, std::int64_t done) noexcept {
  std::int64_t row = 0;
  for (; row + kTallRows <= p.rows && p.rows - row != 2 * kShortRows; row += kTallRows) {
    multiply_block<kTallRows, kVectors>(p, row, column, done);
  }
  for (; row + kShortRows <= p.rows; row += kShortRows) {
    multiply_block<kShortRows, kVectors>(p, row, column, done);
  }
  for (; row < p.rows; ++row) multiply_block<1, kVectors>(p, row, column, done);
}

// Fewer columns than a vector has.
void multiply_elements(const StripProduct& p) noexcept {
  for (std::int64_t row = 0; row < p.rows; ++row) {
    for (std::int64_t column = 0; column < p.columns; ++column) {
      const double* left = p.left + row * p.left_row_stride;
      Batch sum(0.0);
      for (std::int64_t k = 0; k < p.depth; ++k) {
        sum = xsimd::fma(Batch(left[k * p.left_depth_stride]), Batch(p.right[k * p.right_stride + column]),
                         sum);
      }
      alignas(64) double lanes[kWidth];
      sum.store_aligned(lanes);
      double& to = p.out[row * p.out_stride + column * p.out_column_stride];
      to = joined(p.into, to, lanes[0]);
    }
  }
}

void multiply(const StripProduct& p) noexcept {
  if (p.columns < kWidth) return multiply_elements(p);
  std::int64_t column = 0;
  for (; column + 2 * kWidth <= p.columns; column += 2 * kWidth) multiply_columns<2>(p, column, 0);
  for (; column + kWidth <= p.columns; column += kWidth) multiply_columns<1>(p, column, 0);
  // The last vector overlaps with the one before.
  if (column < p.columns) multiply_columns<1>(p, p.columns - kWidth, kWidth - (p.columns - column));
}

}  // namespace

void fill_strip_products(ReflectorKernels& kernels) noexcept { kernels.multiply = multiply; }

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE
