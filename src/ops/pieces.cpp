#include "ops/pieces.hpp"

#include <algorithm>

namespace varve::ops {
namespace {

// Less per worker is not worth waking it up; more than kLargeBytes for one worker is read in parts.
constexpr std::int64_t kSmallBytes = 1 << 20;
constexpr std::int64_t kLargeBytes = 8 << 20;

}  // namespace

ChunkGrid pieces_of(const ChunkGrid& grid, std::int64_t element_bytes, int workers) {
  Shape chunks = grid.chunks();
  Index offset = grid.offset();
  const auto bytes = [&] { return saturating_multiply(saturating_count(chunks), element_bytes); };
  const std::int64_t each = std::max(bytes(), kSmallBytes);
  const std::int64_t limit = workers == 1 ? std::min(each, kLargeBytes) : saturating_multiply(each, workers);
  for (std::int64_t axis = 0; axis < chunks.size(); ++axis) {
    while (bytes() > limit && chunks[axis] > 1) {
      chunks[axis] = (chunks[axis] + 1) / 2;
      offset[axis] %= chunks[axis];
    }
  }
  for (std::int64_t axis = chunks.size() - 1; axis >= 0; --axis) {
    while (chunks[axis] < grid.shape()[axis] && 2 * bytes() <= limit) chunks[axis] *= 2;
  }
  return {grid.shape(), chunks, offset};
}

std::int64_t piece_elements(const ChunkGrid& pieces) {
  Shape extents = pieces.chunks();
  for (std::int64_t axis = 0; axis < extents.size(); ++axis) {
    extents[axis] = std::min(extents[axis], std::max<std::int64_t>(pieces.shape()[axis], 1));
  }
  return saturating_count(extents);
}

}  // namespace varve::ops
