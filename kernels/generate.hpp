#pragma once

#include "varve/core/strided_view.hpp"

namespace varve::kernels {

/// Fills a 1-D view with `start + step * (first + i)`, computed in the view's dtype: integers exactly (as
/// int64 or uint64), floating and complex in float64 and then rounded.
struct Progression {
  double start = 0;
  double step = 1;
  std::int64_t integer_start = 0;  ///< used for integer and bool dtypes
  std::int64_t integer_step = 1;
};
void fill_progression(const Progression& progression, std::int64_t first, const StridedView& target) noexcept;

/// Fills a 2-D view with ones where `column - row == diagonal`, zeros elsewhere; the view's corner is (row,
/// column).
void fill_eye(std::int64_t diagonal, std::int64_t row, std::int64_t column,
              const StridedView& target) noexcept;

}  // namespace varve::kernels
