#include "varve/core/walks.hpp"

namespace varve {

std::int64_t count_along(const Shape& shape, std::int64_t first, std::int64_t end) noexcept {
  std::int64_t count = 1;
  for (std::int64_t axis = first; axis < end; ++axis) count = saturating_multiply(count, shape[axis]);
  return count;
}

Box without_axis(Box box, std::int64_t axis) {
  box.lo.erase(axis);
  box.hi.erase(axis);
  return box;
}

Box with_axis(Box box, std::int64_t axis, std::int64_t lo, std::int64_t hi) {
  box.lo.insert(axis, lo);
  box.hi.insert(axis, hi);
  return box;
}

Box between(Box box, std::int64_t axis, std::int64_t lo, std::int64_t hi) {
  box.lo[axis] = lo;
  box.hi[axis] = hi;
  return box;
}

Box placed_at(Box box, const Index& origin) {
  for (std::int64_t axis = 0; axis < box.ndim(); ++axis) {
    box.lo[axis] += origin[axis];
    box.hi[axis] += origin[axis];
  }
  return box;
}

Box enclosing(Box box, const Box& other) {
  for (std::int64_t axis = 0; axis < box.ndim(); ++axis) {
    box.lo[axis] = std::min(box.lo[axis], other.lo[axis]);
    box.hi[axis] = std::max(box.hi[axis], other.hi[axis]);
  }
  return box;
}

Shape one_row(Shape shape, std::int64_t axis) {
  shape[axis] = 1;
  return shape;
}

Box row_of(const Box& box, std::int64_t axis, std::int64_t number) {
  const Index at = index_at<Index>(number, one_row(box.shape(), axis));
  Box row = box;
  for (std::int64_t other = 0; other < box.ndim(); ++other) {
    if (other == axis) continue;
    row.lo[other] += at[other];
    row.hi[other] = row.lo[other] + 1;
  }
  return row;
}

StridedView row_of(const StridedView& view, std::int64_t axis, std::int64_t number) {
  const Index at = index_at<Index>(number, one_row(view.shape, axis));
  return {element_at(view, at), view.dtype, Shape{view.shape[axis]}, ByteStrides{view.byte_strides[axis]}};
}

}  // namespace varve
