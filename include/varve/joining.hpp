#pragma once

#include <optional>
#include <vector>

#include "varve/array.hpp"
#include "varve/axes.hpp"

namespace varve {

/// Joins arrays one after the other along an axis that all have; without an axis, their elements in C order.
///
/// Shape:   extents along `axis` are added; all others must agree. Without an axis, (sum of all sizes).
/// Dtype:   promoted.
/// Chunks:  those of the array that is longest along `axis`.
/// Memory:  none of its own: pieces are read straight into their place.
/// Errors:  ShapeError if the shapes do not fit or there is no array; DTypeError if the dtypes do not
///          promote.
Array concat(const std::vector<Array>& arrays, const std::optional<Axis>& axis = 0);

/// Joins arrays of one shape along a new axis, which stands at that position of the result.
///
/// Shape:   one more axis, of as many elements as there are arrays.
/// Dtype:   promoted.
/// Chunks:  those of the first array; 1 along the new axis.
/// Memory:  none of its own.
/// Errors:  ShapeError if the shapes differ or there is no array; DTypeError if the dtypes do not promote.
Array stack(const std::vector<Array>& arrays, std::int64_t axis = 0);

/// Joins arrays side by side: along the second axis, or the only one.
///
/// Shape, dtype, errors: as `concat` along that axis.
Array hstack(const std::vector<Array>& arrays);
/// Joins arrays one below the other: along the first axis, after 1-d arrays have become rows.
///
/// Shape, dtype, errors: as `concat` along that axis.
Array vstack(const std::vector<Array>& arrays);

}  // namespace varve
