#include "ops/contract/contract_chunks.hpp"

#include <algorithm>

#include "ops/contract/gathered_axes.hpp"

namespace varve::ops {
namespace {

// A square block of the product of this size takes a thousand operations per element read.
constexpr std::int64_t kMinExtent = 1024;
constexpr std::int64_t kLargestExtent = 2048;
// Elements of both inputs that one natural chunk of the result reads at a time: chunks larger than that are
// read again.
constexpr std::int64_t kPanelElements = 8 << 20;
constexpr std::int64_t kMinPanelElements = 1 << 20;
constexpr std::int64_t kMinDepth = 512;
// Small matrices are worked on many at a time.
constexpr std::int64_t kBatchElements = 4 << 20;
constexpr std::int64_t kMinBatchElements = 1 << 18;

// Takes each axis from the input whose chunks are larger there; an input of extent 1 is broadcast.
GatheredAxes larger_of(const ChunkGrid& left, std::int64_t left_first, const ChunkGrid& right,
                       std::int64_t right_first, std::int64_t count) {
  GatheredAxes group;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t left_extent = left.shape()[left_first + i];
    const std::int64_t right_extent = right.shape()[right_first + i];
    // An extent of 1 gives way to any other, 0 among them.
    const bool take_right = left_extent == right_extent
                                ? right.chunks()[right_first + i] > left.chunks()[left_first + i]
                                : left_extent == 1;
    group.add(take_right ? right : left, (take_right ? right_first : left_first) + i);
  }
  return group;
}

GatheredAxes axes_of(const ChunkGrid& grid, std::int64_t first, std::int64_t count) {
  GatheredAxes group;
  for (std::int64_t i = 0; i < count; ++i) group.add(grid, first + i);
  group.grow(kMinExtent);
  group.shrink(kLargestExtent);
  return group;
}

ChunkGrid joined(const std::vector<GatheredAxes>& groups) {
  Shape shape;
  Shape chunks;
  Index offset;
  for (const GatheredAxes& group : groups) {
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
  const GatheredAxes rows = axes_of(left.grid, axes.batch, axes.rows);
  const GatheredAxes columns = axes_of(right.grid, axes.batch + axes.depth, axes.columns);
  const std::int64_t lines = rows.product() + columns.product();

  GatheredAxes depth = larger_of(left.grid, axes.batch + axes.rows, right.grid, axes.batch, axes.depth);
  depth.grow(std::max(kMinPanelElements / lines, kMinDepth));
  depth.shrink(std::max(kPanelElements / lines, kMinDepth));

  GatheredAxes batch = larger_of(left.grid, 0, right.grid, 0, axes.batch);
  const std::int64_t each = lines * depth.product() + rows.product() * columns.product();
  batch.grow(kMinBatchElements / each);
  batch.shrink(std::max<std::int64_t>(kBatchElements / each, 1));
  return {joined({batch, rows, columns}), depth.grid()};
}

}  // namespace varve::ops
