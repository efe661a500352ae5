#pragma once

#include <optional>
#include <vector>

#include "varve/array.hpp"
#include "varve/axes.hpp"

namespace varve {

// Views: index rearrangements. They move nothing: the planner pushes them to the source, so that only the
// chunks they need are read.
//
// Shape:   as each function says, that of x otherwise.
// Dtype:   kept.
// Chunks:  those of x, moved, reversed and cut with its axes; along taken positions they keep their size, and
//          an axis that is broadcast or inserted is one chunk.
// Memory:  none of their own. Lists of positions are kept with the expression.
// Errors:  ShapeError for axes out of range or repeated; IndexError for positions out of range.

/// Reorders the axes: axis i of the result is axis `axes[i]` of x.
///
/// Shape:   permuted.
Array permute_dims(const Array& x, const Axes& axes);
/// Reverses the order of the axes.
///
/// Shape:   reversed.
Array transpose(const Array& x);

/// Swaps the last two axes.
///
/// Shape:   (..., m, n) gives (..., n, m).
/// Errors:  ShapeError if there are fewer than two axes.
Array matrix_transpose(const Array& x);
/// Moves axes to new positions; the others keep their order.
///
/// Shape:   permuted.
Array moveaxis(const Array& x, const Axes& source, const Axes& destination);
/// Swaps two axes.
///
/// Shape:   permuted.
Array swapaxes(const Array& x, const Axis& axis1, const Axis& axis2);
/// Reverses the order of the elements along the axes (all by default).
Array flip(const Array& x, const Axes& axis = {});
/// Rotates by k * 90 degrees in the plane of two axes, from the first towards the second.
///
/// Shape:   the two extents are swapped if k is odd.
Array rot90(const Array& x, std::int64_t k = 1, const Axes& axes = {0, 1});
/// Inserts axes at those positions of the result.
///
/// Shape:   one more axis of extent 1 for each.
/// Errors:  ShapeError also if none is named.
Array expand_dims(const Array& x, const Axes& axis = 0);
/// Removes axes of extent 1 (all such axes by default).
///
/// Shape:   without them.
/// Errors:  ShapeError if a named axis has another extent.
Array squeeze(const Array& x, const Axes& axis = {});
/// Repeats axes of extent 1, and adds axes in front, to reach `shape`.
///
/// Errors:  ShapeError if the axes do not line up, or the result has more than 2^63 - 1 bytes.
Array broadcast_to(const Array& x, const Shape& shape);
/// Broadcasts all arrays to their common shape.
std::vector<Array> broadcast_arrays(const std::vector<Array>& arrays);
/// Takes the diagonal of two axes. `offset` > 0 is above the main diagonal.
///
/// Shape:   without the two axes, then the length of the diagonal.
/// Errors:  ShapeError if there are fewer than two axes.
Array diagonal(const Array& x, std::int64_t offset = 0, const Axis& axis1 = 0, const Axis& axis2 = 1);
/// Picks positions along an axis, in the order given; negative ones count from the end.
///
/// Shape:   the axis has as many elements as there are indices.
Array take(const Array& x, const std::vector<std::int64_t>& indices, const Axis& axis);
/// Does the same with positions of any shape, which takes the place of the axis; absent: among all elements
/// in C order.
Array take(const Array& x, const Positions& indices, const std::optional<Axis>& axis = {});

/// Gives the array other natural chunks: what reads it next is cut into tiles along them. An extent of -1
/// means the whole axis. Values do not change. Nothing moves here: where tiles across the old chunks would
/// decode them over and over, the planner copies the array to scratch once, laid out for its reader. `save`
/// writes what `rechunk` gives in these chunks, unless it is given others.
///
/// Chunks:  as given, clipped to the shape.
/// I/O:     none, or one pass that writes the array to scratch and one that reads it back, as `explain` says.
/// Errors:  ShapeError if there is not one extent, positive or -1, per axis.
Array rechunk(const Array& x, const Shape& chunks);

}  // namespace varve
