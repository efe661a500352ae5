#pragma once

#include <utility>

#include "varve/core/box.hpp"

namespace varve {

/// An index space cut into chunks that are regular per axis: O(1) data for any number of chunks.
///
/// Along an axis of extent n with chunk size c and offset o (0 <= o < c), chunk k covers the indices
/// `[k*c - o, (k+1)*c - o)` that lie inside `[0, n)`: the first and the last chunk may be cut short.
/// An axis of extent 0 has no chunks. A chunk size is at least 1.
class ChunkGrid {
 public:
  ChunkGrid() = default;
  /// Makes a grid without offsets. `chunks` is clipped to [1, max(extent, 1)] per axis.
  ChunkGrid(const Shape& shape, const Shape& chunks);
  /// Makes a grid with offsets.
  ChunkGrid(const Shape& shape, const Shape& chunks, const Index& offset);

  /// Returns the extents of the index space.
  [[nodiscard]] const Shape& shape() const noexcept { return shape_; }
  /// Returns the extents of a whole chunk.
  [[nodiscard]] const Shape& chunks() const noexcept { return chunks_; }
  /// Returns how much of the first chunk is cut off, per axis.
  [[nodiscard]] const Index& offset() const noexcept { return offset_; }
  /// Returns the number of axes.
  [[nodiscard]] std::int64_t ndim() const noexcept { return shape_.size(); }

  /// Returns the number of chunks along each axis.
  [[nodiscard]] Shape counts() const;
  /// Returns the number of chunks along an axis.
  [[nodiscard]] std::int64_t count(std::int64_t axis) const noexcept {
    return shape_[axis] == 0 ? 0 : (shape_[axis] - 1 + offset_[axis]) / chunks_[axis] + 1;
  }
  /// Returns the number of chunks.
  ///
  /// Errors:  ShapeError on overflow.
  [[nodiscard]] std::int64_t chunk_count() const { return element_count(counts()); }

  /// Returns the elements of one chunk, cut to the array.
  [[nodiscard]] Box box_of(const ChunkIndex& chunk) const;
  /// Returns the chunk that holds `element` along `axis`.
  [[nodiscard]] std::int64_t chunk_of(std::int64_t axis, std::int64_t element) const noexcept {
    return (element + offset_[axis]) / chunks_[axis];
  }
  /// Returns the half-open range of chunks that touch the non-empty box, as a box of chunk coordinates.
  [[nodiscard]] Box chunks_touching(const Box& box) const;

  friend bool operator==(const ChunkGrid&, const ChunkGrid&) = default;

 private:
  Shape shape_;
  Shape chunks_;
  Index offset_;
};

/// Calls `visit(chunk)` for every chunk of the grid that touches `box`, in C order; for none if the box is
/// empty.
template <class Visit>
void for_each_chunk(const ChunkGrid& grid, const Box& box, const Visit& visit) {
  if (box.empty()) return;
  const Box touched = grid.chunks_touching(box);
  ChunkIndex chunk(touched.lo);
  for (std::int64_t axis = 0; axis >= 0;) {
    visit(std::as_const(chunk));
    for (axis = grid.ndim() - 1; axis >= 0 && ++chunk[axis] == touched.hi[axis]; --axis)
      chunk[axis] = touched.lo[axis];
  }
}

}  // namespace varve
