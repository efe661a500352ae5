#include "ops/folded_axes.hpp"

#include <algorithm>

#include "expr/parameters.hpp"

namespace varve::ops {

void FoldedAxes::prepare() {
  folded_.assign(static_cast<std::size_t>(shape_.size()), false);
  row_length_ = 1;
  for (const std::int64_t axis : axes_) {
    const bool is_new = axis >= 0 && axis < shape_.size() && !folds(axis);
    expr::require_parameter(is_new, "folded axes are different axes of the array");
    folded_[static_cast<std::size_t>(axis)] = true;
    row_length_ = saturating_multiply(row_length_, shape_[axis]);
  }
}

std::int64_t FoldedAxes::kept_axis(std::int64_t number) const {
  for (std::int64_t axis = 0; axis < shape_.size(); ++axis) {
    if (!folds(axis) && number-- == 0) return axis;
  }
  return -1;
}

Shape FoldedAxes::kept(const Shape& extents) const {
  Shape result;
  for (std::int64_t axis = 0; axis < extents.size(); ++axis) {
    if (!folds(axis)) result.push_back(extents[axis]);
  }
  return result;
}

Box FoldedAxes::above(const Box& kept, Box box) const {
  std::int64_t next = 0;
  for (std::int64_t axis = 0; axis < shape_.size(); ++axis) {
    if (folds(axis)) continue;
    box.lo[axis] = kept.lo[next];
    box.hi[axis] = kept.hi[next++];
  }
  return box;
}

StridedView FoldedAxes::rows(std::byte* memory, DType dtype, const Box& box) const {
  return packed(memory, dtype, box, true);
}

StridedView FoldedAxes::columns(std::byte* memory, DType dtype, const Box& box) const {
  return packed(memory, dtype, box, false);
}

StridedView FoldedAxes::packed(std::byte* memory, DType dtype, const Box& box, bool folded_inside) const {
  StridedView view(memory, dtype, box.shape());
  std::int64_t stride = size_bytes(dtype);
  for (const bool folded : {folded_inside, !folded_inside}) {
    for (std::int64_t axis = view.ndim() - 1; axis >= 0; --axis) {
      if (folds(axis) != folded) continue;
      view.byte_strides[axis] = stride;
      stride *= view.shape[axis];
    }
  }
  return view;
}

Shape FoldedAxes::row_shape() const {
  Shape shape = shape_;
  for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
    if (!folds(axis)) shape[axis] = 1;
  }
  return shape;
}

ChunkGrid FoldedAxes::row_grid(const ChunkGrid& grid) const {
  Shape chunks = grid.chunks();
  Index offset = grid.offset();
  for (std::int64_t axis = 0; axis < chunks.size(); ++axis) {
    if (folds(axis)) continue;
    chunks[axis] = 1;
    offset[axis] = 0;
  }
  return {row_shape(), chunks, offset};
}

ChunkGrid FoldedAxes::kept_grid(const ChunkGrid& grid, std::int64_t element_bytes) const {
  const Shape shape = kept(grid.shape());
  Shape chunks = kept(grid.chunks());
  Index offset(kept(Shape(grid.offset())));
  const std::int64_t row_bytes = saturating_multiply(std::max<std::int64_t>(row_length_, 1), element_bytes);
  const auto bytes = [&] { return saturating_multiply(saturating_count(chunks), row_bytes); };
  for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
    while (bytes() > kMaxBytes && chunks[axis] > 1) {
      chunks[axis] = (chunks[axis] + 1) / 2;
      offset[axis] %= chunks[axis];
    }
  }
  for (std::int64_t axis = shape.size() - 1; axis >= 0; --axis) {
    while (bytes() < kMinBytes && chunks[axis] < shape[axis]) chunks[axis] *= 2;
  }
  return {shape, chunks, offset};
}

}  // namespace varve::ops
