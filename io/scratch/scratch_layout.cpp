#include "io/scratch/scratch_layout.hpp"

#include <algorithm>

namespace varve::io {
namespace {

// Regions have the room of a whole chunk, also at the edges: positions stay products.
std::int64_t region_start(const ChunkGrid& grid, const ChunkIndex& chunk) {
  std::int64_t number = 0;
  for (std::int64_t axis = 0; axis < chunk.size(); ++axis) number = number * grid.count(axis) + chunk[axis];
  return number * element_count(grid.chunks());
}

// A region is cut axis by axis: slabs along the first axis, each cut into slabs along the second, and so on.
std::int64_t place_in_region(const Box& region, const Box& piece) {
  std::int64_t position = 0;
  for (std::int64_t axis = 0; axis < piece.ndim(); ++axis) {
    std::int64_t before = piece.lo[axis] - region.lo[axis];
    for (std::int64_t other = 0; other < piece.ndim(); ++other) {
      if (other != axis) before *= other < axis ? piece.extent(other) : region.extent(other);
    }
    position += before;
  }
  return position;
}

}  // namespace

void ScratchLayout::for_each_piece(const Box& box,
                                   const std::function<void(const Box&, std::int64_t)>& visit) const {
  for_each_chunk(readers_, box, [&](const ChunkIndex& chunk) {
    const Box region = readers_.box_of(chunk);
    const std::int64_t start = region_start(readers_, chunk);
    for_each_chunk(writers_, intersect(region, box), [&](const ChunkIndex& writer) {
      const Box piece = intersect(writers_.box_of(writer), region);
      visit(piece, start + place_in_region(region, piece));
    });
  });
}

std::int64_t ScratchLayout::largest_piece() const {
  std::int64_t elements = 1;
  for (std::int64_t axis = 0; axis < readers_.ndim(); ++axis) {
    elements *= std::min(readers_.chunks()[axis], writers_.chunks()[axis]);
  }
  return elements;
}

}  // namespace varve::io
