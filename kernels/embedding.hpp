#pragma once

#include "varve/core/strided_view.hpp"

namespace varve::kernels {

// Complex matrices as real ones: a number a + bi is the square (a, -b; b, a).

/// Writes a row of a box of parts, whose first column has that number, from the dense row of numbers that it
/// lies in: the first of them is the one whose square holds the first part.
void write_parts(const std::byte* numbers, std::int64_t row, std::int64_t column,
                 const StridedView& out) noexcept;

/// Writes the numbers whose upper left parts stand in `re` and lower left ones in `im`, `step` parts apart.
void join_parts(const double* re, const double* im, std::int64_t step, const StridedView& out) noexcept;

}  // namespace varve::kernels
