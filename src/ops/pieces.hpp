#pragma once

#include "varve/core/chunk_grid.hpp"

namespace varve::ops {

/// Cuts an array into pieces in which an operation streams it: several chunks together, so that all workers
/// find something to read; for one worker a chunk at a time, or parts of large ones. Grows with each extent
/// and with the workers. `grid` gives shape and chunks.
[[nodiscard]] ChunkGrid pieces_of(const ChunkGrid& grid, std::int64_t element_bytes, int workers);

/// Returns the elements of the largest piece.
[[nodiscard]] std::int64_t piece_elements(const ChunkGrid& pieces);

/// Calls `visit` for the part of `box` in each piece, in C order.
template <class Visit>
void for_each_piece(const ChunkGrid& pieces, const Box& box, const Visit& visit) {
  for_each_chunk(pieces, box, [&](const ChunkIndex& at) { visit(intersect(pieces.box_of(at), box)); });
}

}  // namespace varve::ops
