#include "ops/contract_chunks.hpp"

#include <algorithm>

namespace varve::ops {
namespace {

// A square block of the product of this size takes a thousand operations per element read.
constexpr std::int64_t kLeastExtent = 1024;
constexpr std::int64_t kLargestExtent = 2048;
// Elements of both inputs that one natural chunk of the result reads at a time: chunks larger than that are
// read again.
constexpr std::int64_t kPanelElements = 8 << 20;
constexpr std::int64_t kLeastPanelElements = 1 << 20;
constexpr std::int64_t kLeastDepth = 512;
// Small matrices are worked on many at a time.
constexpr std::int64_t kBatchElements = 4 << 20;
constexpr std::int64_t kLeastBatchElements = 1 << 18;

// Is a run of axes of a grid that is being built.
class AxisGroup {
 public:
  void add(const ChunkGrid& grid, std::int64_t axis) {
    shape_.push_back(grid.shape()[axis]);
    chunks_.push_back(grid.chunks()[axis]);
    offset_.push_back(grid.offset()[axis]);
  }
  [[nodiscard]] std::int64_t product() const { return saturating_count(chunks_); }

  // Gathers chunks, along the last axes first, until they have `least` elements.
  void grow(std::int64_t least) {
    for (std::int64_t axis = shape_.size() - 1; axis >= 0; --axis) {
      while (product() < least && chunks_[axis] < shape_[axis]) {
        chunks_[axis] = std::min(2 * chunks_[axis], shape_[axis]);
      }
    }
  }
  // Cuts chunks, along the first axes first, until they have at most `most` elements.
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

// Takes each axis from the input whose chunks are larger there; an input of extent 1 is broadcast.
AxisGroup larger_of(const ChunkGrid& left, std::int64_t left_first, const ChunkGrid& right,
                    std::int64_t right_first, std::int64_t count) {
  AxisGroup group;
  for (std::int64_t i = 0; i < count; ++i) {
    const bool take_right = right.shape()[right_first + i] > left.shape()[left_first + i] ||
                            (right.shape()[right_first + i] == left.shape()[left_first + i] &&
                             right.chunks()[right_first + i] > left.chunks()[left_first + i]);
    group.add(take_right ? right : left, (take_right ? right_first : left_first) + i);
  }
  return group;
}

AxisGroup axes_of(const ChunkGrid& grid, std::int64_t first, std::int64_t count) {
  AxisGroup group;
  for (std::int64_t i = 0; i < count; ++i) group.add(grid, first + i);
  group.grow(kLeastExtent);
  group.shrink(kLargestExtent);
  return group;
}

ChunkGrid joined(const std::vector<AxisGroup>& groups) {
  Shape shape;
  Shape chunks;
  Index offset;
  for (const AxisGroup& group : groups) {
    const ChunkGrid grid = group.grid();
    for (std::int64_t axis = 0; axis < grid.ndim(); ++axis) {
      shape.push_back(grid.shape()[axis]);
      chunks.push_back(grid.chunks()[axis]);
      offset.push_back(grid.offset()[axis]);
    }
  }
  return {shape, chunks, offset};
}

}  // namespace

ContractChunks contract_chunks(const expr::Node& left, const expr::Node& right, const ContractAxes& axes) {
  const AxisGroup rows = axes_of(left.grid, axes.batch, axes.rows);
  const AxisGroup columns = axes_of(right.grid, axes.batch + axes.depth, axes.columns);
  const std::int64_t lines = rows.product() + columns.product();

  AxisGroup depth = larger_of(left.grid, axes.batch + axes.rows, right.grid, axes.batch, axes.depth);
  depth.grow(std::max(kLeastPanelElements / lines, kLeastDepth));
  depth.shrink(std::max(kPanelElements / lines, kLeastDepth));

  AxisGroup batch = larger_of(left.grid, 0, right.grid, 0, axes.batch);
  const std::int64_t each = lines * depth.product() + rows.product() * columns.product();
  batch.grow(kLeastBatchElements / each);
  batch.shrink(std::max<std::int64_t>(kBatchElements / each, 1));
  return {joined({batch, rows, columns}), depth.grid()};
}

}  // namespace varve::ops
