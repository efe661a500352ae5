#pragma once

#include <algorithm>

#include "varve/core/box.hpp"

namespace varve::ops {

/// Returns the largest box that holds the elements `lo`, lo + 1 ... of a shape, counted in C order, and none
/// at `hi` or beyond: its elements follow each other in C order without a gap. lo < hi, and neither exceeds
/// the number of elements.
[[nodiscard]] inline Box flat_box(const Shape& shape, std::int64_t lo, std::int64_t hi) {
  Box box(Index(shape.size(), 0), Index(shape.size(), 0));
  std::int64_t rest = lo;
  std::int64_t unit = 1;
  bool whole = true;  // all axes behind this one are taken whole
  for (std::int64_t axis = shape.size() - 1; axis >= 0; --axis) {
    const std::int64_t at = rest % shape[axis];
    rest /= shape[axis];
    const std::int64_t rows = whole ? std::min(shape[axis] - at, (hi - lo) / unit) : 1;
    box.lo[axis] = at;
    box.hi[axis] = at + std::max<std::int64_t>(rows, 1);
    whole = whole && rows == shape[axis];
    unit *= shape[axis];
  }
  return box;
}

}  // namespace varve::ops
