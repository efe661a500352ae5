#pragma once

#include <vector>

#include "expr/index_map.hpp"
#include "varve/core/chunk_grid.hpp"

namespace varve::expr {

/// The size that chunks get where nobody chose one: contiguous files, generated arrays, memory.
inline constexpr std::int64_t kDefaultChunkBytes = 4 << 20;

/// Returns a grid of about kDefaultChunkBytes per chunk: trailing axes whole, as many leading rows as fit.
[[nodiscard]] ChunkGrid default_grid(const Shape& shape, std::int64_t element_bytes);

/// Returns the grid of a view. Slices keep the boundaries of the chunks where these stay regular; otherwise
/// chunks have the size of the input's, divided by the step. Broadcast axes are one chunk.
[[nodiscard]] ChunkGrid view_grid(const ChunkGrid& input, const IndexMap& map);

/// Returns the grid of an elementwise result: that of the operand with the most elements, the first among
/// equals. `weights` are numbers of elements before broadcasting.
[[nodiscard]] ChunkGrid elementwise_grid(const std::vector<ChunkGrid>& grids,
                                         const std::vector<std::int64_t>& weights);

/// Returns the grid without the (sorted) reduced axes.
[[nodiscard]] ChunkGrid reduce_grid(const ChunkGrid& input, const std::vector<std::int64_t>& axes);

}  // namespace varve::expr
