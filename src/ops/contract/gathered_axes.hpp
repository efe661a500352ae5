#pragma once

#include <algorithm>

#include "varve/core/chunk_grid.hpp"

namespace varve::ops {

/// A run of axes of a grid that is being built from the chunks of others.
class GatheredAxes {
 public:
  void add(const ChunkGrid& grid, std::int64_t axis) {
    shape_.push_back(grid.shape()[axis]);
    chunks_.push_back(grid.chunks()[axis]);
    offset_.push_back(grid.offset()[axis]);
  }
  /// Returns the elements of one chunk.
  [[nodiscard]] std::int64_t product() const { return saturating_count(chunks_); }

  /// Gathers chunks, along the last axes first, until they have `least` elements.
  void grow(std::int64_t least) {
    for (std::int64_t axis = shape_.size() - 1; axis >= 0; --axis) {
      while (product() < least && chunks_[axis] < shape_[axis]) {
        chunks_[axis] = std::min(2 * chunks_[axis], shape_[axis]);
      }
    }
  }
  /// Cuts chunks, along the first axes first, until they have at most `most` elements.
  void shrink(std::int64_t most) {
    for (std::int64_t axis = 0; axis < shape_.size(); ++axis) {
      while (product() > most && chunks_[axis] > 1) chunks_[axis] = (chunks_[axis] + 1) / 2;
    }
  }

  [[nodiscard]] std::int64_t ndim() const { return shape_.size(); }
  [[nodiscard]] ChunkGrid grid() const {
    Index offset = offset_;
    for (std::int64_t axis = 0; axis < ndim(); ++axis) offset[axis] %= chunks_[axis];
    return {shape_, chunks_, offset};
  }

 private:
  Shape shape_;
  Shape chunks_;
  Index offset_;
};

}  // namespace varve::ops
