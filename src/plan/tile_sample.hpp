#pragma once

#include <algorithm>

#include "plan/plan.hpp"

namespace varve::plan {

/// Returns the number of elements, rounded, of shapes of any size: for estimates.
[[nodiscard]] inline double estimated_count(const Shape& shape) noexcept {
  double count = 1;
  for (const std::int64_t extent : shape) count *= static_cast<double>(extent);
  return count;
}

/// Adds up `bytes_of(box)` over the tiles of a stage: exactly where there are at most `looked_at`, else so
/// many, spread over all, stand for the others.
template <class BytesOf>
[[nodiscard]] double sum_over_tiles(const Stage& stage, std::int64_t looked_at, const BytesOf& bytes_of) {
  const std::int64_t count = stage.tiling.tiles.chunk_count();
  const std::int64_t sampled = std::min(count, looked_at);
  if (sampled < 1) return 0;
  const auto all = static_cast<double>(count);
  double bytes = 0;
  for (std::int64_t i = 0; i < sampled; ++i) {
    const double position = all / static_cast<double>(sampled) * (static_cast<double>(i) + 0.5);
    const std::int64_t index = sampled == count ? i : static_cast<std::int64_t>(position);
    bytes += bytes_of(stage.tiling.tiles.box_of(stage.tiling.tile_at(std::min(index, count - 1))));
  }
  return bytes * all / static_cast<double>(sampled);
}

}  // namespace varve::plan
