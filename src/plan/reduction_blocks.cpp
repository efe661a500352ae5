#include "plan/reduction_blocks.hpp"

#include <algorithm>

namespace varve::plan {
namespace {

constexpr std::int64_t kLargestBlockBytes = 4 << 20;
constexpr std::int64_t kSmallestBlockBytes = 256 << 10;
// Partial results of reductions over leading axes are as large as a kept row; merging one per 32 rows costs
// little.
constexpr std::int64_t kMinRows = 32;

struct Blocks {
  Shape chunks;
  Index offset;
};

std::int64_t volume(const Shape& chunks, const std::vector<std::int64_t>& axes) {
  std::int64_t count = 1;
  for (const std::int64_t axis : axes) count = saturating_multiply(count, chunks[axis]);
  return count;
}

// The largest divisor of `chunk` up to `max`, unless all of them are far smaller.
std::int64_t cut(std::int64_t chunk, std::int64_t max) {
  // Bounds the time for chunks that are larger than any memory.
  constexpr std::int64_t kMaxTries = 1 << 20;
  const std::int64_t min_pieces = (chunk - 1) / max + 1;
  for (std::int64_t tries = 0; tries <= std::min(saturating_multiply(7, min_pieces), kMaxTries); ++tries) {
    if (chunk % (min_pieces + tries) == 0) return chunk / (min_pieces + tries);
  }
  return max;
}

void cut_large(Blocks& blocks, const std::vector<std::int64_t>& axes, std::int64_t element_bytes) {
  for (const std::int64_t axis : axes) {
    if (saturating_multiply(volume(blocks.chunks, axes), element_bytes) <= kLargestBlockBytes) return;
    Shape row = blocks.chunks;
    row[axis] = 1;
    const std::int64_t row_bytes = saturating_multiply(volume(row, axes), element_bytes);
    const std::int64_t max = std::max<std::int64_t>(kLargestBlockBytes / row_bytes, 1);
    blocks.chunks[axis] = cut(blocks.chunks[axis], max);
    blocks.offset[axis] %= blocks.chunks[axis];
  }
}

bool grow(Blocks& blocks, const Shape& shape, std::int64_t axis) {
  if (blocks.chunks[axis] >= shape[axis]) return false;
  blocks.chunks[axis] *= 2;
  return true;
}

void grow_small(Blocks& blocks, const Shape& shape, const std::vector<std::int64_t>& axes,
                std::int64_t element_bytes) {
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
    while (saturating_multiply(saturating_count(blocks.chunks), element_bytes) < kSmallestBlockBytes &&
           grow(blocks, shape, *axis)) {
    }
  }
}

void grow_rows(Blocks& blocks, const Shape& shape, const std::vector<std::int64_t>& axes) {
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
    while (volume(blocks.chunks, axes) < kMinRows && grow(blocks, shape, *axis)) {
    }
  }
}

}  // namespace

ChunkGrid reduction_blocks(const ChunkGrid& natural, const std::vector<std::int64_t>& axes,
                           std::int64_t element_bytes) {
  const Shape& shape = natural.shape();
  Blocks blocks{natural.chunks(), natural.offset()};
  cut_large(blocks, axes, element_bytes);
  grow_small(blocks, shape, axes, element_bytes);
  if (!axes.empty() && axes.back() != shape.size() - 1) grow_rows(blocks, shape, axes);
  for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
    if (std::binary_search(axes.begin(), axes.end(), axis)) continue;
    blocks.chunks[axis] = std::max<std::int64_t>(shape[axis], 1);
    blocks.offset[axis] = 0;
  }
  return {shape, blocks.chunks, blocks.offset};
}

}  // namespace varve::plan
