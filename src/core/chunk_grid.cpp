#include "varve/core/chunk_grid.hpp"

namespace varve {

ChunkGrid::ChunkGrid(const Shape& shape, const Shape& chunks)
    : ChunkGrid(shape, chunks, Index(shape.size(), 0)) {}

ChunkGrid::ChunkGrid(const Shape& shape, const Shape& chunks, const Index& offset)
    : shape_(shape), chunks_(chunks), offset_(offset) {
  if (chunks.size() != shape.size() || offset.size() != shape.size()) {
    throw ShapeError("chunks " + to_string(chunks) + " do not fit the shape " + to_string(shape) +
                     ": one size per axis is needed");
  }
  for (std::int64_t axis = 0; axis < ndim(); ++axis) {
    const std::int64_t extent = std::max<std::int64_t>(shape_[axis], 1);
    if (offset_[axis] == 0) chunks_[axis] = std::clamp<std::int64_t>(chunks_[axis], 1, extent);
    chunks_[axis] = std::max<std::int64_t>(chunks_[axis], 1);
    offset_[axis] %= chunks_[axis];
    // One chunk that covers the axis needs no offset: equal grids compare equal.
    if (offset_[axis] > 0 && chunks_[axis] - offset_[axis] >= extent) {
      chunks_[axis] = extent;
      offset_[axis] = 0;
    }
  }
}

Shape ChunkGrid::counts() const {
  Shape result(ndim(), 0);
  for (std::int64_t axis = 0; axis < ndim(); ++axis) result[axis] = count(axis);
  return result;
}

Box ChunkGrid::box_of(const ChunkIndex& chunk) const {
  Box box(shape_);
  for (std::int64_t axis = 0; axis < ndim(); ++axis) {
    const std::int64_t start = chunk[axis] * chunks_[axis] - offset_[axis];
    box.lo[axis] = std::max<std::int64_t>(start, 0);
    box.hi[axis] = start + std::min(chunks_[axis], shape_[axis] - start);
  }
  return box;
}

Box ChunkGrid::chunks_touching(const Box& box) const {
  Box result = box;
  for (std::int64_t axis = 0; axis < ndim(); ++axis) {
    result.lo[axis] = chunk_of(axis, box.lo[axis]);
    result.hi[axis] = box.hi[axis] > box.lo[axis] ? chunk_of(axis, box.hi[axis] - 1) + 1 : result.lo[axis];
  }
  return result;
}

}  // namespace varve
