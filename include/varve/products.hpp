#pragma once

#include "varve/array.hpp"
#include "varve/axes.hpp"

namespace varve {

/// Multiplies matrices: sums products over the last axis of x1 and the last but one of x2 (its only one if it
/// has one).
///
/// Shape:   (..., m, k) and (..., k, n) give (..., m, n); leading axes broadcast. A 1-d x1 is a row and a 1-d
///          x2 a column, whose axis the result lacks.
/// Dtype:   promoted. Integers wrap; bool is the or of ands; float16 is computed in float32.
/// Chunks:  those of the inputs, gathered or cut to one or two thousand rows and columns.
/// Memory:  one tile of the result, and of each input a panel as wide as the tile and as deep as chunks are.
/// I/O:     x1 once for each column of tiles, x2 once for each row. Tiles grow with the budget.
/// Errors:  ShapeError if the inner extents differ, the leading ones do not broadcast, or an input has no
///          axis.
Array matmul(const Array& x1, const Array& x2);

/// Sums products over the last `axes` axes of x1 and the first `axes` axes of x2.
///
/// Shape:   what remains of x1, then what remains of x2.
/// Dtype:   as `matmul`.
/// Memory:  as `matmul`.
/// I/O:     as `matmul`.
/// Errors:  ShapeError if the extents of the summed axes differ.
Array tensordot(const Array& x1, const Array& x2, std::int64_t axes = 2);
/// Sums products over pairs of axes: `axes1[i]` of x1 with `axes2[i]` of x2.
///
/// Errors:  ShapeError if an axis is out of range or repeated, or the extents of a pair differ.
Array tensordot(const Array& x1, const Array& x2, const Axes& axes1, const Axes& axes2);

/// Sums products over one axis that both have; x1 is conjugated. `axis` counts in each array by itself, as in
/// NumPy, before the others are broadcast: arrays of different numbers of axes are best given a negative one.
///
/// Shape:   the other axes, broadcast.
/// Dtype:   promoted; float32 is accumulated in double; float16 is multiplied in float32 and rounded at the
///          end.
/// Memory:  streamed, as a sum.
/// Errors:  ShapeError if the extents along `axis` differ or the others do not broadcast.
Array vecdot(const Array& x1, const Array& x2, const Axis& axis = -1);

/// Multiplies each element of a vector with each of another.
///
/// Shape:   (m,) and (n,) give (m, n).
/// Dtype:   promoted.
/// Errors:  ShapeError if an input is not 1-d.
Array outer(const Array& x1, const Array& x2);

}  // namespace varve
