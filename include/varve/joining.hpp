#pragma once

#include <vector>

#include "varve/array.hpp"

namespace varve {

/// Joins arrays one after the other along an axis that all have.
/// Shape:   extents along `axis` are added; all others must agree.
/// Dtype:   promoted.
/// Chunks:  those of the array that is longest along `axis`.
/// Memory:  none of its own: pieces are read straight into their place.
/// Errors:  ShapeError if the shapes do not fit or there is no array; DTypeError if the dtypes do not promote.
Array concat(const std::vector<Array>& arrays, std::int64_t axis = 0);

}  // namespace varve
