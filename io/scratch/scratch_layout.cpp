#include "io/scratch/scratch_layout.hpp"

#include <algorithm>

namespace varve::io {
namespace {

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

bool refines(const ChunkGrid& fine, const ChunkGrid& coarse, std::int64_t axis) {
  if (coarse.count(axis) <= 1) return true;
  return fine.offset()[axis] == 0 && coarse.offset()[axis] == 0 &&
         coarse.chunks()[axis] % fine.chunks()[axis] == 0;
}

// Along one axis both grids together cut intervals. Where one grid refines the other, its chunks are those
// intervals; else the sum of both chunk numbers grows from each interval to the next.
struct IntervalNumbers {
  bool by_readers = false;
  bool by_writers = false;
  std::int64_t bound = 0;

  IntervalNumbers(const ChunkGrid& readers, const ChunkGrid& writers, std::int64_t axis)
      : by_readers(refines(readers, writers, axis)),
        by_writers(!by_readers && refines(writers, readers, axis)) {
    const std::int64_t both = readers.count(axis) + writers.count(axis) - 1;
    bound = by_readers ? readers.count(axis) : by_writers ? writers.count(axis) : both;
  }
  [[nodiscard]] std::int64_t number(std::int64_t reader, std::int64_t writer) const {
    return by_readers ? reader : by_writers ? writer : reader + writer;
  }
};

}  // namespace

void ScratchLayout::for_each_piece(const Box& box,
                                   const std::function<void(const ScratchPiece&)>& visit) const {
  ScratchPiece piece;
  for_each_chunk(readers_, box, [&](const ChunkIndex& reader) {
    const Box region = readers_.box_of(reader);
    piece.region = 0;
    for (std::int64_t axis = 0; axis < reader.size(); ++axis)
      piece.region = piece.region * readers_.count(axis) + reader[axis];
    for_each_chunk(writers_, intersect(region, box), [&](const ChunkIndex& writer) {
      piece.box = intersect(writers_.box_of(writer), region);
      piece.place = place_in_region(region, piece.box);
      piece.number = 0;
      for (std::int64_t axis = 0; axis < reader.size(); ++axis) {
        const IntervalNumbers intervals(readers_, writers_, axis);
        piece.number = piece.number * intervals.bound + intervals.number(reader[axis], writer[axis]);
      }
      visit(piece);
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

std::int64_t ScratchLayout::number_bound() const {
  std::int64_t bound = 1;
  for (std::int64_t axis = 0; axis < readers_.ndim(); ++axis) {
    if (__builtin_mul_overflow(bound, IntervalNumbers(readers_, writers_, axis).bound, &bound))
      return INT64_MAX;
  }
  return bound;
}

}  // namespace varve::io
