#pragma once

#include "kernels/contract.hpp"

namespace varve::kernels {

// What Householder's method does on one instruction set. Elements are double, strides count elements.

/// Columns that are factored together. Panels lie row by row, aligned to 64 bytes.
inline constexpr std::int64_t kPanelColumns = 16;

/// A product of small matrices that need not be packed. Rows of `right` are dense.
struct StripProduct {
  const double* left = nullptr;
  std::int64_t left_row_stride = 1;
  std::int64_t left_depth_stride = 1;
  const double* right = nullptr;
  std::int64_t right_stride = 1;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t depth = 0;
  double* out = nullptr;
  std::int64_t out_stride = 1;
  std::int64_t out_column_stride = 1;
  Into into = Into::replace;
};

struct ReflectorKernels {
  std::int64_t lanes = 1;  ///< elements of a vector
  /// Factors `width` columns of a panel, at least as tall as wide: R, and below its diagonal the vectors of
  /// the reflectors, whose first element is 1. Rows are `pitch` apart, a multiple of `lanes`; columns that
  /// are not in use hold zeros.
  void (*factor)(double* panel, std::int64_t pitch, std::int64_t rows, std::int64_t width,
                 double* tau) noexcept = nullptr;
  void (*multiply)(const StripProduct&) noexcept = nullptr;
};

/// Returns the functions for the instruction set in use.
[[nodiscard]] const ReflectorKernels& reflector_kernels() noexcept;

}  // namespace varve::kernels
