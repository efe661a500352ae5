#pragma once

#include <vector>

#include "varve/core/chunk_grid.hpp"
#include "varve/core/dtype.hpp"

namespace varve::plan {

/// Returns the reduction blocks of a reduction of an array with natural chunks `natural` over `axes`.
///
/// On reduced axes a block is a natural chunk, changed by a rule that depends on the grid alone (never on
/// budget, threads or tiles, because blocks fix the order of additions): chunks above 4 MiB are cut to a
/// divisor, tiny ones are grown to 256 KiB, and where the last axis is kept at least 32 rows are added into
/// one partial result. On kept axes a block is the whole axis.
[[nodiscard]] ChunkGrid reduction_blocks(const ChunkGrid& natural, const std::vector<std::int64_t>& axes,
                                         std::int64_t element_bytes);

}  // namespace varve::plan
