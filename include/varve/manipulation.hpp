#pragma once

#include <vector>

#include "varve/array.hpp"
#include "varve/reductions.hpp"

namespace varve {

// Views: index rearrangements. They move nothing: the planner pushes them to the source, so that only the chunks they
// need are read. Dtype: kept. Errors: ShapeError for axes out of range or repeated; IndexError for selections.

/// Reorders the axes: axis i of the result is axis `axes[i]` of x.
Array permute_dims(const Array& x, const std::vector<std::int64_t>& axes);
/// Swaps the last two axes. Errors: ShapeError if there are fewer than two.
Array matrix_transpose(const Array& x);
/// Moves axes to new positions; the others keep their order.
Array moveaxis(const Array& x, const std::vector<std::int64_t>& source, const std::vector<std::int64_t>& destination);
Array swapaxes(const Array& x, std::int64_t axis1, std::int64_t axis2);
/// Reverses the order of the elements along the axes (all by default).
Array flip(const Array& x, const Axes& axis = {});
/// Rotates by k * 90 degrees in the plane of two axes, from the first towards the second.
Array rot90(const Array& x, std::int64_t k = 1, const std::vector<std::int64_t>& axes = {0, 1});
/// Inserts an axis of extent 1 at that position of the result.
Array expand_dims(const Array& x, std::int64_t axis = 0);
/// Removes axes of extent 1 (all such axes by default).
Array squeeze(const Array& x, const Axes& axis = {});
/// Repeats axes of extent 1, and adds axes in front, to reach `shape`.
Array broadcast_to(const Array& x, const Shape& shape);
/// Broadcasts all arrays to their common shape.
std::vector<Array> broadcast_arrays(const std::vector<Array>& arrays);
/// Takes the diagonal of two axes; it becomes the last axis. `offset` > 0 is above the main diagonal.
Array diagonal(const Array& x, std::int64_t offset = 0, std::int64_t axis1 = 0, std::int64_t axis2 = 1);
/// Picks positions along an axis, in the order given; negative ones count from the end.
Array take(const Array& x, const std::vector<std::int64_t>& indices, std::int64_t axis);

}  // namespace varve
