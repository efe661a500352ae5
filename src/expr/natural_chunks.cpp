#include "expr/natural_chunks.hpp"

#include <algorithm>
#include <cstdlib>

namespace varve::expr {
namespace {

std::int64_t positive_modulo(std::int64_t a, std::int64_t b) { return ((a % b) + b) % b; }

struct AxisGrid {
  std::int64_t chunk = 1;
  std::int64_t offset = 0;
};

// Boundaries of the input lie where the coordinate (plus offset) is a multiple of c. Along out coordinates i,
// with coordinate = start + s*i, they stay regular when |s| divides c and the first one falls on an integer
// i.
AxisGrid affine_axis(std::int64_t chunk, std::int64_t offset, const AxisMap& map, std::int64_t extent) {
  const std::int64_t stride = std::abs(map.step);
  const std::int64_t out_chunk = std::clamp<std::int64_t>(chunk / std::max<std::int64_t>(stride, 1), 1,
                                                          std::max<std::int64_t>(extent, 1));
  if (stride == 0 || chunk % stride != 0) return {out_chunk, 0};
  const std::int64_t full = chunk / stride;
  const std::int64_t start = map.offset + offset;
  // The number of outputs before the first boundary that the view crosses.
  const std::int64_t room =
      map.step > 0 ? chunk - positive_modulo(start, chunk) : positive_modulo(start, chunk) + 1;
  const std::int64_t first = (room + stride - 1) / stride;
  return {full, positive_modulo(full - first, full)};
}

}  // namespace

ChunkGrid default_grid(const Shape& shape, std::int64_t element_bytes) {
  Shape chunks(shape.size(), 1);
  std::int64_t room = std::max<std::int64_t>(kDefaultChunkBytes / element_bytes, 1);
  for (std::int64_t axis = shape.size() - 1; axis >= 0; --axis) {
    chunks[axis] = std::clamp<std::int64_t>(room, 1, std::max<std::int64_t>(shape[axis], 1));
    room = std::max<std::int64_t>(room / chunks[axis], 1);
    if (chunks[axis] < shape[axis]) room = 1;
  }
  return {shape, chunks};
}

ChunkGrid view_grid(const ChunkGrid& input, const IndexMap& map) {
  const Shape& shape = map.output_shape();
  Shape chunks = shape;
  Index offset(shape.size(), 0);
  std::vector<bool> done(static_cast<std::size_t>(shape.size()), false);
  for (std::int64_t axis = 0; axis < map.input_ndim(); ++axis) {
    const AxisMap& source = map.axes()[static_cast<std::size_t>(axis)];
    if (source.is_constant() || done[static_cast<std::size_t>(source.output_axis)]) continue;
    const std::int64_t out = source.output_axis;
    done[static_cast<std::size_t>(out)] = true;
    if (source.is_listed()) {
      chunks[out] = std::min(input.chunks()[axis], shape[out]);
      continue;
    }
    const AxisGrid grid = affine_axis(input.chunks()[axis], input.offset()[axis], source, shape[out]);
    chunks[out] = grid.chunk;
    offset[out] = grid.offset;
  }
  for (std::int64_t axis = 0; axis < shape.size(); ++axis)
    chunks[axis] = std::max<std::int64_t>(chunks[axis], 1);
  return {shape, chunks, offset};
}

ChunkGrid elementwise_grid(const std::vector<ChunkGrid>& grids, const std::vector<std::int64_t>& weights) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < grids.size(); ++i) {
    if (weights[i] > weights[best]) best = i;
  }
  return grids[best];
}

ChunkGrid reduce_grid(const ChunkGrid& input, const std::vector<std::int64_t>& axes) {
  Shape shape;
  Shape chunks;
  Index offset;
  for (std::int64_t axis = 0; axis < input.ndim(); ++axis) {
    if (std::find(axes.begin(), axes.end(), axis) != axes.end()) continue;
    shape.push_back(input.shape()[axis]);
    chunks.push_back(input.chunks()[axis]);
    offset.push_back(input.offset()[axis]);
  }
  return {shape, chunks, offset};
}

}  // namespace varve::expr
