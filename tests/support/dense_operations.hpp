#pragma once

#include <utility>
#include <vector>

#include "support/dense.hpp"
#include "varve/boundary.hpp"

/// The operations of the oracle: joins, pads, scans, sorts, groups, windows and products, by plain loops.
namespace varve::dense {

/// Returns the position of the element that stands at `at` on an axis of n elements, found by walking; -1 for
/// the constant.
[[nodiscard]] std::int64_t continued(std::int64_t at, std::int64_t n, Boundary boundary);

/// Joins arrays along an axis, after promotion.
[[nodiscard]] Dense concat(const std::vector<Dense>& parts, std::int64_t axis);

/// Grows each axis by (before, after) elements; those beyond the ends follow from the boundary.
[[nodiscard]] Dense pad(const Dense& x, const std::vector<std::pair<std::int64_t, std::int64_t>>& widths,
                        Boundary boundary, const Number& constant);

/// Moves elements towards higher indices, those beyond the end to the front.
[[nodiscard]] Dense roll(const Dense& x, const Index& shift);

/// Takes the elements where the mask, over the leading axes, is true, in C order.
[[nodiscard]] Dense extract(const Dense& x, const Dense& mask);

/// Adds up along an axis in long double; integers wrap. `dtype` is that of the result.
[[nodiscard]] Dense cumulative_sum(const Dense& x, std::int64_t axis, DType dtype);

/// Sorts each row along an axis; NaN is the greatest.
[[nodiscard]] Dense sort(const Dense& x, std::int64_t axis, bool descending);

/// Returns the middle of each sorted row, the mean of two, NaN if there is one. The axis is removed.
[[nodiscard]] Dense median(const Dense& x, std::int64_t axis);

/// Takes the rows of each label together, labels ascending, and folds them by the reduction of that name.
[[nodiscard]] Dense grouped(const Dense& x, const std::vector<std::int64_t>& labels, std::int64_t axis,
                            std::string_view name);

/// Sums weights.at(k) * x.at(i + k - extents / 2) in double, over reflected ends.
[[nodiscard]] Dense correlate(const Dense& x, const Dense& weights);

/// Multiplies matrices on the last two axes, the others broadcast, and rounds each sum once.
[[nodiscard]] Dense matmul(const Dense& left, const Dense& right);

}  // namespace varve::dense
