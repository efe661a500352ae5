#include "io/format/hdf5_virtual_chunks.hpp"

#include <algorithm>

namespace varve::io::hdf5 {
namespace {

// As for layouts without chunks.
constexpr std::int64_t kBlockBytes = std::int64_t{1} << 20U;
// A larger chunk must not grow to a whole block: small budgets could not read it any more.
constexpr std::int64_t kMaxGrownBytes = std::int64_t{4} << 20U;

/// Returns the mapping whose source has the largest chunk that is decoded whole; null if none has.
const Mapping* largest_decoded(std::span<const Mapping> blocks, std::span<const SourceFacts> sources) {
  const Mapping* largest = nullptr;
  std::int64_t bytes = -1;
  for (const Mapping& mapping : blocks) {
    const SourceFacts& source = sources[mapping.source];
    if (!source.exists || !mapping.problem.empty() || source.partial_reads || source.chunk_bytes <= bytes)
      continue;
    largest = &mapping;
    bytes = source.chunk_bytes;
  }
  return largest;
}

/// Returns the extents of a source's chunks along the axes of the virtual dataset.
Shape chunk_in_place(const Mapping& mapping, const Shape& chunk) {
  Shape result(mapping.place.ndim(), 1);
  for (std::int64_t from = 0; from < mapping.along.size(); ++from) {
    const std::int64_t axis = mapping.along[from];
    if (axis >= 0) result[axis] = std::clamp<std::int64_t>(mapping.place.extent(axis), 1, chunk[from]);
  }
  return result;
}

/// Tells whether chunks of that extent, counted from 0, have their borders at those of every source's.
bool fits_chunks(std::span<const Mapping> blocks, std::int64_t axis, std::int64_t extent) {
  return std::all_of(blocks.begin(), blocks.end(), [&](const Mapping& mapping) {
    std::int64_t start = 0;
    for (std::int64_t from = 0; from < mapping.along.size(); ++from)
      if (mapping.along[from] == axis) start = mapping.start[from];
    return (mapping.place.lo[axis] - start) % extent == 0;
  });
}

/// Tells whether the blocks are regular along an axis, with that extent.
bool fits_blocks(std::span<const Mapping> blocks, std::int64_t axis, std::int64_t extent) {
  return std::all_of(blocks.begin(), blocks.end(), [&](const Mapping& mapping) {
    return mapping.place.lo[axis] % extent == 0 && mapping.place.extent(axis) <= extent;
  });
}

std::int64_t largest_extent(std::span<const Mapping> blocks, std::int64_t axis) {
  std::int64_t extent = 1;
  for (const Mapping& mapping : blocks) extent = std::max(extent, mapping.place.extent(axis));
  return extent;
}

/// Grows, where that helps, chunks that the borders of blocks cut to whole blocks.
Shape grow_to_blocks(Shape chunk, DType dtype, std::span<const Mapping> blocks) {
  for (std::int64_t axis = 0; axis < chunk.size(); ++axis) {
    if (fits_chunks(blocks, axis, chunk[axis])) continue;
    const std::int64_t block = largest_extent(blocks, axis);
    if (!fits_blocks(blocks, axis, block)) continue;
    const std::int64_t others = element_count(chunk) / chunk[axis];
    if (block <= kMaxGrownBytes / (others * size_bytes(dtype))) chunk[axis] = block;
  }
  return chunk;
}

/// Returns about 1 MiB: first within the mapped blocks, then over several.
Shape dense_chunks(const Shape& shape, DType dtype, std::span<const Mapping> blocks) {
  Shape chunk(shape.size(), 1);
  std::int64_t room = kBlockBytes / size_bytes(dtype);
  for (std::int64_t axis = shape.size() - 1; axis >= 0; --axis) {
    const std::int64_t block = blocks.empty() ? shape[axis] : largest_extent(blocks, axis);
    chunk[axis] = std::clamp<std::int64_t>(block, 1, room);
    room /= chunk[axis];
    if (chunk[axis] < block) return chunk;
  }
  for (std::int64_t axis = shape.size() - 1; axis >= 0; --axis) {
    const std::int64_t most = std::max<std::int64_t>(shape[axis], 1);
    const std::int64_t grown = std::min(most, chunk[axis] * room);
    room = grown < most ? 1 : std::max<std::int64_t>(room * chunk[axis] / grown, 1);
    chunk[axis] = grown;
  }
  return chunk;
}

}  // namespace

Shape natural_chunks(const Shape& shape, DType dtype, std::span<const Mapping> blocks,
                     std::span<const SourceFacts> sources) {
  const Mapping* decoded = largest_decoded(blocks, sources);
  if (decoded == nullptr) return dense_chunks(shape, dtype, blocks);
  return grow_to_blocks(chunk_in_place(*decoded, sources[decoded->source].chunk_shape), dtype, blocks);
}

}  // namespace varve::io::hdf5
