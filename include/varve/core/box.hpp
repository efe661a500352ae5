#pragma once

#include <algorithm>
#include <string>

#include "varve/core/dims.hpp"

namespace varve {

/// A half-open hyper-rectangle `[lo, hi)` of an index space. Empty where any `hi <= lo`.
struct Box {
  Index lo;  ///< the first element
  Index hi;  ///< behind the last element

  Box() = default;
  /// Makes a box of its corners, of which the upper lies outside.
  Box(const Index& lower, const Index& upper) : lo(lower), hi(upper) {}
  /// Makes the whole index space of an array of that shape.
  explicit Box(const Shape& shape) : lo(shape.size(), 0), hi(shape) {}

  /// Returns the number of axes.
  [[nodiscard]] std::int64_t ndim() const noexcept { return lo.size(); }
  /// Returns the elements along an axis; negative in some empty boxes.
  [[nodiscard]] std::int64_t extent(std::int64_t axis) const noexcept { return hi[axis] - lo[axis]; }
  /// Returns the extents, none of them negative.
  [[nodiscard]] Shape shape() const {
    Shape result(ndim(), 0);
    for (std::int64_t axis = 0; axis < ndim(); ++axis) result[axis] = std::max<std::int64_t>(extent(axis), 0);
    return result;
  }
  /// Tells whether it has no elements.
  [[nodiscard]] bool empty() const noexcept {
    for (std::int64_t axis = 0; axis < ndim(); ++axis) {
      if (hi[axis] <= lo[axis]) return true;
    }
    return false;
  }
  /// Tells whether `inner`, of the same rank, lies inside.
  [[nodiscard]] bool contains(const Box& inner) const noexcept {
    for (std::int64_t axis = 0; axis < ndim(); ++axis) {
      if (inner.lo[axis] < lo[axis] || inner.hi[axis] > hi[axis]) return false;
    }
    return true;
  }
  friend bool operator==(const Box&, const Box&) = default;
};

/// Returns the common part of two boxes of the same rank; it may be empty.
[[nodiscard]] inline Box intersect(const Box& left, const Box& right) {
  Box result = left;
  for (std::int64_t axis = 0; axis < left.ndim(); ++axis) {
    result.lo[axis] = std::max(left.lo[axis], right.lo[axis]);
    result.hi[axis] = std::min(left.hi[axis], right.hi[axis]);
  }
  return result;
}

/// Returns `box` shifted so that `origin` becomes the zero coordinate.
[[nodiscard]] inline Box relative_to(const Box& box, const Index& origin) {
  Box result = box;
  for (std::int64_t axis = 0; axis < box.ndim(); ++axis) {
    result.lo[axis] -= origin[axis];
    result.hi[axis] -= origin[axis];
  }
  return result;
}

/// Formats as a NumPy selection: "[0:3, 4:5]".
[[nodiscard]] inline std::string to_string(const Box& box) {
  std::string text = "[";
  for (std::int64_t axis = 0; axis < box.ndim(); ++axis) {
    if (axis > 0) text += ", ";
    text += std::to_string(box.lo[axis]) + ":" + std::to_string(box.hi[axis]);
  }
  return text + "]";
}

}  // namespace varve
